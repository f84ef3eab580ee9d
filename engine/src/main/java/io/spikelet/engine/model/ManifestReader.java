package io.spikelet.engine.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Reads {@code manifest.json} and believes nothing in it: format, version, types, layouts, shapes, bounds, alignment,
 * overlaps and completeness are all checked before anybody maps or allocates anything. Stateless.
 */
public final class ManifestReader {
    /** Largest manifest that is read; the released models need about 0.1 MB. */
    public static final int MAX_BYTES = 16 << 20;

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxStringLength(1 << 16)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestReader() {}

    /**
     * Reads the manifest of a model directory.
     *
     * @throws ModelFormatException if it is missing or anything in it is wrong
     * @throws UncheckedIOException if it cannot be read
     */
    public static ModelManifest read(Path modelDir) {
        Path file = modelDir.resolve(ModelManifest.FILE);
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(modelDir
                    + " is not a model directory: it has no manifest.json; give a directory that convert wrote");
        }
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new ModelFormatException(file + " has " + size + " bytes; at most " + MAX_BYTES + " are read");
            }
            return parse(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Parses a manifest.
     *
     * @param where names the source in error messages
     * @throws ModelFormatException if anything in it is wrong
     */
    public static ModelManifest parse(byte[] json, String where) {
        JsonFields root = new JsonFields(tree(json, where), where);
        requireKnown(root, "format", ModelManifest.FORMAT);
        int version = root.smallInteger("version");
        if (version != ModelManifest.VERSION) {
            throw new ModelFormatException(where + " has version " + version + "; this program reads version "
                    + ModelManifest.VERSION + ": convert the checkpoint again");
        }
        requireKnown(root, "architecture", ModelManifest.ARCHITECTURE);
        ModelConfig config = config(root);
        List<TensorEntry> tensors =
                root.objects("tensors").stream().map(ManifestReader::tensor).toList();
        JsonFields weights = root.object("weights");
        long weightsBytes = weights.integer("bytes");
        String weightsSha256 = sha256(weights);
        weights.end();
        Optional<JsonFields> tokenizer = root.optionalObject("tokenizer");
        ModelManifest manifest = new ModelManifest(
                config,
                tensors,
                weightsBytes,
                weightsSha256,
                tokenizer.map(ManifestReader::sha256),
                tokenizerVocabulary(tokenizer, config),
                provenance(root.object("provenance")),
                root.objects("quantization").stream()
                        .map(ManifestReader::quantization)
                        .toList());
        root.end();
        ManifestChecks.check(manifest, where);
        return manifest;
    }

    private static JsonNode tree(byte[] json, String where) {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree == null) {
                throw new ModelFormatException(where + " is empty");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new ModelFormatException(where + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelConfig config(JsonFields root) {
        Variant variant = oneOf(root, "variant", Variant.values(), Variant::label);
        JsonFields fields = root.object("config");
        boolean canExit = variant == Variant.V194M;
        try {
            ModelConfig config = new ModelConfig(
                    variant,
                    fields.smallInteger("vocab_size"),
                    fields.smallInteger("embed_dim"),
                    fields.smallInteger("n_layers"),
                    fields.smallInteger("n_heads"),
                    fields.smallInteger("head_dim"),
                    fields.smallInteger("intermediate_dim"),
                    fields.smallInteger("max_seq_len"),
                    fields.single("spike_threshold"),
                    fields.single("leak_factor"),
                    fields.single("rope_theta"),
                    fields.smallInteger("sparse_attn_window"),
                    fields.smallInteger("n_global_anchors"),
                    fields.flag("enable_sparse_attn"),
                    fields.flag("enable_dynamic_prior"),
                    canExit && fields.flag("enable_entropy_exit"),
                    canExit ? fields.single("entropy_exit_threshold") : ModelDefaults.ENTROPY_EXIT_THRESHOLD);
            fields.end();
            return config;
        } catch (ModelFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(fields.where() + ": " + e.getMessage(), e);
        }
    }

    private static TensorEntry tensor(JsonFields fields) {
        try {
            TensorEntry entry = new TensorEntry(
                    fields.text("name"),
                    fields.smallIntegers("shape"),
                    oneOf(fields, "dtype", DType.values(), DType::label),
                    oneOf(fields, "layout", Layout.values(), Layout::label),
                    fields.integer("offset"),
                    fields.integer("length"),
                    fields.integer("scale_offset"));
            fields.end();
            return entry;
        } catch (ModelFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(fields.where() + ": " + e.getMessage(), e);
        }
    }

    private static OptionalInt tokenizerVocabulary(Optional<JsonFields> tokenizer, ModelConfig config) {
        if (tokenizer.isEmpty()) {
            return OptionalInt.empty();
        }
        int pieces = tokenizer.get().smallInteger("vocabulary");
        tokenizer.get().end();
        if (pieces < 1 || pieces > config.vocabSize()) {
            throw new ModelFormatException(tokenizer.get().where() + ".vocabulary is " + pieces
                    + "; it must be 1 to vocab_size, which is " + config.vocabSize());
        }
        return OptionalInt.of(pieces);
    }

    private static Provenance provenance(JsonFields fields) {
        Optional<String> sha256 = fields.optionalText("source_sha256").map(ignored -> hash(fields, "source_sha256"));
        Provenance provenance = new Provenance(fields.text("source"), sha256, fields.text("converter_version"));
        fields.end();
        return provenance;
    }

    private static QuantizationEntry quantization(JsonFields fields) {
        QuantizationEntry entry =
                new QuantizationEntry(fields.text("name"), fields.number("max_error"), fields.number("rms_error"));
        fields.end();
        return entry;
    }

    private static String sha256(JsonFields fields) {
        return hash(fields, "sha256");
    }

    private static String hash(JsonFields fields, String field) {
        String value = fields.text(field);
        if (!value.matches("[0-9a-f]{64}")) {
            throw new ModelFormatException(fields.where() + "." + field + " is not 64 lower-case hexadecimal digits");
        }
        return value;
    }

    private static void requireKnown(JsonFields fields, String field, String expected) {
        String value = fields.text(field);
        if (!value.equals(expected)) {
            throw new ModelFormatException(
                    fields.where() + " has " + field + " \"" + value + "\"; this program reads \"" + expected + "\"");
        }
    }

    private static <T> T oneOf(JsonFields fields, String field, T[] values, Function<T, String> label) {
        String text = fields.text(field);
        for (T value : values) {
            if (label.apply(value).equals(text)) {
                return value;
            }
        }
        throw new ModelFormatException(fields.where() + "." + field + " is \"" + text + "\"; this program reads "
                + String.join(", ", List.of(values).stream().map(label).toList()));
    }
}
