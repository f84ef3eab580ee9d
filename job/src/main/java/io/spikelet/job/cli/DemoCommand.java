package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.action.Demo;
import io.spikelet.job.action.OpenSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The bundled model from end to end. */
@Command(
        name = "demo",
        description = "Completes the bundled prompts with the bundled model, scores the bundled corpus and answers a "
                + "SQL question about both.",
        footer = {"", "Example:", "  spikelet demo"})
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Directory for the tables; it must not exist. Default a temporary one.")
    private Path output;

    @Mixin
    private SparkOptions spark;

    @Mixin
    private PartitionOptions partitions;

    @Override
    public Integer call() throws IOException {
        Path home = home();
        Path target =
                output == null ? Files.createTempDirectory("spikelet-demo").resolve("out") : output;
        if (Files.exists(target)) {
            throw new UsageException(
                    "--output " + target + " exists and is not overwritten; name another or delete it");
        }
        try (OpenSession session = spark.settings().open("spikelet demo")) {
            new Demo(
                            home,
                            target,
                            partitions.number(),
                            spec.commandLine().getOut(),
                            spec.commandLine().getErr())
                    .run(session.spark());
        }
        return ExitStatus.DONE;
    }

    private static Path home() {
        return ProjectHome.having(Demo.MODEL)
                .orElseThrow(() -> new UsageException("no folder from " + ProjectHome.start() + " up holds "
                        + Demo.MODEL + "; run scripts/spikelet of a checkout, or pass -D" + ProjectHome.PROPERTY
                        + "=<checkout>"));
    }
}
