package io.spikelet.job.cli;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelVerifier;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the content of a model directory. */
@Command(
        name = "inspect",
        description = "Prints what a model directory holds.",
        footer = {"", "Example:", "  spikelet inspect --verify datasets/models/tiny"})
final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Model directory.")
    private Path directory;

    @Option(names = "--verify", description = "Read everything and check every checksum first.")
    private boolean verify;

    @Override
    public Integer call() {
        if (verify) {
            ModelVerifier.verify(directory, Families.all());
        }
        PrintWriter out = spec.commandLine().getOut();
        new ManifestTable(ManifestReader.read(directory, Families.all()), out).print();
        if (verify) {
            out.println();
            out.println("verified: every checksum matches");
        }
        return ExitStatus.DONE;
    }
}
