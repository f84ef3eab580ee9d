package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A family has its name in its own package and in the registry, and nowhere else: neither in code nor in comments. */
final class FamilyNamesTest {
    private static final Path FAMILIES = Path.of("engine/src/main/java/io/spikelet/engine/family");

    private static List<Path> sources(String module) {
        Path root = Fixtures.projectRoot();
        try (Stream<Path> files = Files.walk(root.resolve(module + "/src/main"))) {
            return files.filter(file -> file.toString().matches(".*\\.(java|properties|html|css|json|yaml|xml)"))
                    .filter(file -> !file.startsWith(root.resolve(FAMILIES)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"engine", "job"})
    void noArchitectureIsNamedOutsideOfItsPackage(String module) {
        List<String> architectures = Families.all().architectures();
        assertThat(architectures).isNotEmpty();
        assertThat(sources(module))
                .hasSizeGreaterThan(50)
                .allSatisfy(file -> assertThat(text(file).toLowerCase(Locale.ROOT))
                        .as(file.toString())
                        .doesNotContain(architectures));
    }

    @ParameterizedTest
    @ValueSource(strings = {"engine", "job"})
    void noVariantAndNoSamplerOfAFamilyIsAConstantOutsideOfItsPackage(String module) {
        List<String> constants = new ArrayList<>();
        Families.all().variants().forEach(label -> constants.add('"' + label + '"'));
        for (SamplerPolicy policy : Families.all().samplers()) {
            if (!(policy instanceof CommonSampler)) {
                constants.add('"' + policy.label() + '"');
            }
        }
        assertThat(constants).isNotEmpty();
        assertThat(sources(module))
                .allSatisfy(file -> assertThat(text(file)).as(file.toString()).doesNotContain(constants));
    }

    @Test
    void everyFamilyHasAPackageOfItsName() {
        for (String architecture : Families.all().architectures()) {
            assertThat(Fixtures.projectRoot().resolve(FAMILIES).resolve(architecture))
                    .isDirectory();
        }
    }
}
