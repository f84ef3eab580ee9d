package io.spikelet.job;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arrows between the job's packages: {cli, library} → action → {executor, plan, schema, sql, task} → engine. */
final class ArchitectureTest {
    private static final JavaClasses JOB = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.spikelet.job");

    /** What manifests and conversion options are made of. */
    private static final Set<String> TENSOR_NAMES =
            Set.of("io.spikelet.engine.tensor.DType", "io.spikelet.engine.tensor.Layout");

    private static final DescribedPredicate<JavaClass> ENGINE_INTERIOR = describe(
            "are kernels, families or tensors (but the names DType and Layout)",
            type -> type.getPackageName().matches("io\\.spikelet\\.engine\\.(kernel|tensor|family\\.\\w+)")
                    && !TENSOR_NAMES.contains(type.getName()));

    @Test
    void theJobNeverTouchesKernelsFamiliesOrTensors() {
        noClasses().should().dependOnClassesThat(ENGINE_INTERIOR).check(JOB);
    }

    @Test
    void theJobNeverUsesTheVectorApi() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator..")
                .check(JOB);
    }

    @Test
    void commandsCallActionsAndActionsCallTheRest() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("cli")
                .definedBy("io.spikelet.job.cli..")
                .layer("action")
                .definedBy("io.spikelet.job.action..")
                .layer("work")
                .definedBy(
                        "io.spikelet.job.executor..",
                        "io.spikelet.job.plan..",
                        "io.spikelet.job.report..",
                        "io.spikelet.job.schema..",
                        "io.spikelet.job.sql..",
                        "io.spikelet.job.task..")
                .layer("library")
                .definedBy("io.spikelet.job.library..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("library")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("action")
                .mayOnlyBeAccessedByLayers("cli", "library")
                .check(JOB);
    }

    @Test
    void packagesMakeNoCircle() {
        slices().matching("io.spikelet.job.(*)..").should().beFreeOfCycles().check(JOB);
    }
}
