package io.spikelet.job.cli;

import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.tensor.DType;
import io.spikelet.job.MessageText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
            "  spikelet convert --checkpoint model.safetensors --scheme w8a8 --output models/w8a8",
        })
final class ConvertCommand implements Callable<Integer> {
    /** How an embedding can be stored; what else is given says what it is. */
    private static final Set<String> EMBEDDING_TYPES = Set.of("int8", "fp32");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "FILE",
            description = {
                "A file of torch.save, or a .safetensors file with config.json in the same folder.",
                "For a sharded checkpoint: any shard, the index, or the folder."
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
            description = "Config fields as JSON, instead of those in the checkpoint.")
    private Path config;

    @Option(
            names = "--tokenizer",
            paramLabel = "PATH",
            description =
                    "Tokenizer for commands that read text: tokenizer.json, a .model of SentencePiece, vocab.json with"
                            + " merges.txt in the same folder, or a folder with one of these (default: the one in the"
                            + " checkpoint's folder).")
    private Path tokenizer;

    @Option(
            names = "--scheme",
            paramLabel = "S",
            converter = LabelConverter.OfScheme.class,
            description = {
                "w8a32: INT8 matrices (default); w8a8: their continuous inputs are",
                "rounded to INT8 too, for speed; fp32: nothing is rounded."
            })
    private Scheme scheme;

    @Option(
            names = "--weights",
            paramLabel = "int8|fp32",
            converter = LabelConverter.OfDType.class,
            description = "int8 is --scheme w8a32, fp32 is --scheme fp32.")
    private DType weights;

    @Option(
            names = "--embedding",
            paramLabel = "E",
            description = {
                "int8 (default) or fp32: how the embedding is stored with INT8 matrices;",
                "binary or float: what it is, in families that have both."
            })
    private String embedding;

    @Option(
            names = "--profile",
            paramLabel = "P",
            description = "Which published program the model follows, in families that have several.")
    private String profile;

    @Option(
            names = "--variant",
            paramLabel = "V",
            converter = LabelConverter.OfVariant.class,
            description = "The variant of the model's family (default: determined from the tensors).")
    private String variant;

    @Override
    public Integer call() {
        Scheme chosen = scheme();
        if (chosen == Scheme.FP32 && "int8".equals(embedding)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--embedding int8 needs --weights int8 or another --scheme; fp32 covers the embedding too");
        }
        Converter.Options options = new Converter.Options(
                checkpoint,
                output,
                Optional.ofNullable(config),
                Optional.ofNullable(tokenizer),
                chosen.weights(),
                chosen == Scheme.FP32 ? DType.FLOAT32 : embeddingType(),
                Optional.ofNullable(variant),
                settings());
        Converter.convert(
                options,
                Families.mappings(),
                line -> spec.commandLine().getOut().println(MessageText.visible(line)));
        if (chosen == Scheme.W8A8) {
            spec.commandLine()
                    .getOut()
                    .println("results differ a little from those of w8a32: docs/evaluation.md says by how much, and"
                            + " compare measures it");
        }
        return ExitStatus.DONE;
    }

    private DType embeddingType() {
        return "fp32".equals(embedding) ? DType.FLOAT32 : DType.INT8;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        if (profile != null) {
            settings.put("profile", profile);
        }
        if (embedding != null && !EMBEDDING_TYPES.contains(embedding)) {
            settings.put("embedding", embedding);
        }
        return settings;
    }

    private Scheme scheme() {
        Scheme asWeights = weights == DType.FLOAT32 ? Scheme.FP32 : Scheme.W8A32;
        if (scheme != null && weights != null && scheme != asWeights) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights says " + asWeights.label() + " and --scheme " + scheme.label() + "; give one of them");
        }
        return scheme != null ? scheme : asWeights;
    }
}
