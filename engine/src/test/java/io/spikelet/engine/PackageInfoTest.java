package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every package says what lives there and what may be imported. */
final class PackageInfoTest {
    @ParameterizedTest
    @ValueSource(strings = {"engine", "job"})
    void everyPackageSaysWhatLivesThere(String module) throws IOException {
        Path sources = Fixtures.projectRoot().resolve(module + "/src/main/java");
        List<Path> packages;
        try (Stream<Path> files = Files.walk(sources)) {
            packages = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
        }
        assertThat(packages)
                .hasSizeGreaterThan(5)
                .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                        .as(sources.relativize(folder).toString())
                        .isRegularFile()
                        .content()
                        .startsWith("/**"));
    }
}
