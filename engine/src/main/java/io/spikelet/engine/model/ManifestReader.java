package io.spikelet.engine.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spikelet.engine.message.Excerpt;
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
 * Reads {@code manifest.json} as untrusted input: format, version, types, layouts, shapes, bounds, alignment, overlaps
 * and completeness are all checked before anything is mapped or allocated. Stateless.
 */
public final class ManifestReader {
    /** Largest manifest that is read; the released models need about 0.1 MB. */
    public static final int MAX_BYTES = 16 << 20;

    private static final int MAX_TOKENS = 1 << 20; // 20 per tensor, of which there may be tens of thousands

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(16)
                            .maxStringLength(1 << 16)
                            .maxNumberLength(64)
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestReader() {}

    /**
     * Reads the manifest of a model directory.
     *
     * @param families known to this program
     * @throws ModelFormatException if it is missing or anything in it is wrong
     * @throws UncheckedIOException if it cannot be read
     */
    public static ModelManifest read(Path modelDir, ModelFamilies families) {
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
            return parse(Files.readAllBytes(file), file.toString(), families);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * Parses a manifest.
     *
     * @param where names the source in error messages
     * @param families known to this program
     * @throws ModelFormatException if anything in it is wrong
     */
    public static ModelManifest parse(byte[] json, String where, ModelFamilies families) {
        JsonFields root = new JsonFields(tree(json, where), where);
        requireKnown(root, "format", ModelManifest.FORMAT);
        int version = root.smallInteger("version");
        if (version != ModelManifest.VERSION) {
            throw new ModelFormatException(where + " has version " + version + "; this program reads version "
                    + ModelManifest.VERSION + ": convert the checkpoint again");
        }
        FamilyConfig config = config(root, families);
        int most = 2 * config.tensors().size() + 16; // a few too many, so that the message can name some
        List<TensorEntry> tensors = root.objects("tensors", most).stream()
                .map(ManifestReader::tensor)
                .toList();
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
                root.objects("quantization", most).stream()
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
            throw new ModelFormatException(where + " is not JSON in UTF-8: " + e.getMessage(), e);
        }
    }

    private static FamilyConfig config(JsonFields root, ModelFamilies families) {
        String architecture = root.text("architecture");
        ModelFamily family = families.find(architecture)
                .orElseThrow(() -> new ModelFormatException(root.where() + " has architecture \"" + architecture
                        + "\"; this program reads " + String.join(", ", families.architectures())));
        String variant = oneOf(root, "variant", family.variants(), Function.identity());
        JsonFields fields = root.object("config");
        try {
            FamilyConfig config = family.config(variant, fields);
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
                    oneOf(fields, "dtype", List.of(DType.values()), DType::label),
                    oneOf(fields, "layout", List.of(Layout.values()), Layout::label),
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

    private static OptionalInt tokenizerVocabulary(Optional<JsonFields> tokenizer, FamilyConfig config) {
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
            throw new ModelFormatException(fields.where() + " has " + field + " \"" + Excerpt.of(value)
                    + "\"; this program reads \"" + expected + "\"");
        }
    }

    private static <T> T oneOf(JsonFields fields, String field, List<T> values, Function<T, String> label) {
        String text = fields.text(field);
        for (T value : values) {
            if (label.apply(value).equals(text)) {
                return value;
            }
        }
        throw new ModelFormatException(
                fields.where() + "." + field + " is \"" + Excerpt.of(text) + "\"; this program reads "
                        + String.join(", ", values.stream().map(label).toList()));
    }
}
