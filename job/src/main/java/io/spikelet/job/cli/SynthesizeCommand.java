package io.spikelet.job.cli;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.model.Scheme;
import io.spikelet.job.MessageText;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A model of a released shape without a released checkpoint: for benchmarks, never for text. */
@Command(
        name = "synthesize",
        description = "Writes a model directory of a released shape with random INT8 weights, for benchmarks.",
        footer = {"", "Example:", "  spikelet synthesize --preset 0.8b --output models/synthetic-0.8b"})
final class SynthesizeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--preset",
            required = true,
            paramLabel = "SHAPE",
            converter = LabelConverter.OfPreset.class,
            description = "The shape; the message about an unknown one lists all of them.")
    private ModelPreset preset;

    @Option(
            names = "--scheme",
            paramLabel = "w8a32|w8a8",
            defaultValue = "w8a32",
            converter = LabelConverter.OfScheme.class,
            description = "What inputs of INT8 matrices are rounded to (default: ${DEFAULT-VALUE}).")
    private Scheme scheme;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Determines every weight (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--tokenizer",
            paramLabel = "PATH",
            description = "Tokenizer of the model, as for convert; generate and perplexity need one, bench does not.")
    private Optional<Path> tokenizer = Optional.empty();

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description = "The model directory to write; it must not exist.")
    private Path output;

    @Override
    public Integer call() {
        Synthesizer.synthesize(
                preset,
                seed,
                scheme,
                tokenizer,
                output,
                line -> spec.commandLine().getOut().println(MessageText.visible(line)));
        return ExitStatus.DONE;
    }
}
