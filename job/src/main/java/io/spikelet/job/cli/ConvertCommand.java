package io.spikelet.job.cli;

import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import io.spikelet.job.MessageText;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A released checkpoint to a model directory, without Python. */
@Command(
        name = "convert",
        description = "Turns a PyTorch (.pt) or .safetensors checkpoint into a model directory.",
        footer = {
            "",
            "Examples:",
            "  spikelet convert --checkpoint latest.pt --tokenizer sl_tokenizer.model --output models/0.8b",
            "  spikelet convert --checkpoint model.safetensors --weights fp32 --output models/fp32",
        })
final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "FILE",
            description = {
                "A torch.save zip, or a .safetensors file with config.json beside it.",
                "Of shards give any one, their index, or their folder."
            })
    private Path checkpoint;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description = "The model directory to write; it must not exist.")
    private Path output;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Upstream config fields as JSON, instead of those that come with the checkpoint.")
    private Path config;

    @Option(
            names = "--tokenizer",
            paramLabel = "PATH",
            description = "What text commands need: a SentencePiece .model, vocab.json (with merges.txt beside it), "
                    + "tokenizer.json, or a folder with one (default: what lies beside the checkpoint).")
    private Path tokenizer;

    @Option(
            names = "--weights",
            paramLabel = "int8|fp32",
            defaultValue = "int8",
            converter = LabelConverter.OfDType.class,
            description = "How matrices are stored (default: ${DEFAULT-VALUE}).")
    private DType weights;

    @Option(
            names = "--embedding",
            paramLabel = "int8|fp32",
            converter = LabelConverter.OfDType.class,
            description = "How the embedding is stored with INT8 weights (default: as --weights says).")
    private DType embedding;

    @Option(
            names = "--variant",
            paramLabel = "V",
            converter = LabelConverter.OfVariant.class,
            description = "The variant of the model's family (default: what the tensors say).")
    private String variant;

    @Override
    public Integer call() {
        if (weights == DType.FLOAT32 && embedding == DType.INT8) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--embedding int8 needs --weights int8; --weights fp32 covers the embedding too");
        }
        Converter.Options options = new Converter.Options(
                checkpoint,
                output,
                Optional.ofNullable(config),
                Optional.ofNullable(tokenizer),
                weights,
                embedding == null ? weights : embedding,
                Optional.ofNullable(variant));
        Converter.convert(
                options,
                Families.mappings(),
                line -> spec.commandLine().getOut().println(MessageText.visible(line)));
        return ExitStatus.DONE;
    }
}
