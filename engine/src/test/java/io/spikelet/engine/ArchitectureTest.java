package io.spikelet.engine;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * The arrows between the engine's packages: {bench, score} → decode → model → kernel → tensor, and family → {convert, model},
 * which is reached only through the registry that is handed in.
 */
final class ArchitectureTest {
    private static final JavaClasses ENGINE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.spikelet.engine");

    private static final DescribedPredicate<JavaClass> VECTOR_KERNELS = describe(
            "are kernels named Vector…", type -> type.getName().startsWith("io.spikelet.engine.kernel.Vector"));

    @Test
    void readsTheClassesOfThisJavaRelease() {
        assertThat(ENGINE.contain("io.spikelet.engine.kernel.Kernels")).isTrue();
        assertThat(ENGINE.get("io.spikelet.engine.kernel.Kernels").getMethods()).isNotEmpty();
    }

    @Test
    void theEngineKnowsNothingOfSpark() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache..", "scala..", "io.spikelet.job..")
                .check(ENGINE);
    }

    @Test
    void onlyVectorKernelsUseTheVectorApi() {
        noClasses()
                .that(not(VECTOR_KERNELS))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .check(ENGINE);
    }

    @Test
    void tensorsDependOnNoOtherPackage() {
        assertDependsOnlyOn("tensor");
    }

    @Test
    void kernelsDependOnTensorsOnly() {
        assertDependsOnlyOn("kernel", "tensor");
    }

    @Test
    void familiesDependOnTheirContractsAndOnWhatIsBelow() {
        assertDependsOnlyOn("family", "convert", "model", "token", "telemetry", "kernel", "tensor", "message");
    }

    @Test
    void nobodyDependsOnAFamilyButTheRegistry() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.spikelet.engine.family..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.spikelet.engine.family..")
                .check(ENGINE);
        slices().matching("io.spikelet.engine.family.(*)..")
                .should()
                .notDependOnEachOther()
                .check(ENGINE);
    }

    @Test
    void theContractOfAFamilyKnowsNeitherPassesOfADecoderNorCheckpoints() {
        assertDependsOnlyOn("model", "token", "telemetry", "kernel", "tensor", "message");
        assertDependsOnlyOn("telemetry", "kernel");
    }

    @Test
    void theTokenizerDependsOnMessagesOnly() {
        assertDependsOnlyOn("token", "message");
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.spikelet.engine.(*)..").should().beFreeOfCycles().check(ENGINE);
    }

    private static void assertDependsOnlyOn(String name, String... others) {
        DescribedPredicate<JavaClass> allowed = resideInAPackage("io.spikelet.engine." + name + "..");
        for (String other : others) {
            allowed = allowed.or(resideInAPackage("io.spikelet.engine." + other + ".."));
        }
        classes()
                .that()
                .resideInAPackage("io.spikelet.engine." + name + "..")
                .should()
                .onlyDependOnClassesThat(allowed.or(not(resideInAPackage("io.spikelet.."))))
                .check(ENGINE);
    }
}
