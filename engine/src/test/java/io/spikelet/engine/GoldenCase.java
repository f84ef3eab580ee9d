package io.spikelet.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One golden checkpoint with the original model's results on it. */
public record GoldenCase(String name, JsonNode expected) {
    /** Names of all cases: both variants, attention off, static prior, odd dimensions. */
    public static final List<String> NAMES =
            List.of("c1-tiny-08b", "c2-tiny-194m", "c3-tiny-08b-noattn", "c4-tiny-08b-staticprior", "c5-tiny-08b-odd");

    /** How the weights were stored when the expected logits were made. */
    public enum Weights {
        FP32("", DType.FLOAT32, DType.FLOAT32),
        INT8("int8_", DType.INT8, DType.FLOAT32),
        INT8_EMBEDDING("int8emb_", DType.INT8, DType.INT8);

        private final String prefix;
        private final DType weights;
        private final DType embedding;

        Weights(String prefix, DType weights, DType embedding) {
            this.prefix = prefix;
            this.weights = weights;
            this.embedding = embedding;
        }
    }

    public static GoldenCase load(String name) {
        try {
            return new GoldenCase(
                    name,
                    new ObjectMapper()
                            .readTree(Fixtures.golden(name)
                                    .resolve("expected.json")
                                    .toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Converts the case's checkpoint into {@code folder} and opens it. */
    public SpikingModel open(Path folder, Weights weights) {
        return open(folder, weights, "checkpoint.pt");
    }

    public SpikingModel open(Path folder, Weights weights, String checkpoint) {
        Path output = folder.resolve(name + "-" + weights + "-" + checkpoint);
        Converter.convert(
                new Converter.Options(
                        file(checkpoint),
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        weights.weights,
                        weights.embedding,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        return SpikingModel.open(output, Families.all());
    }

    public Path file(String relative) {
        return Fixtures.golden(name).resolve(relative);
    }

    public List<String> sequences() {
        Iterator<String> names = expected.get("sequences").fieldNames();
        return IntStream.iterate(0, i -> names.hasNext(), i -> i + 1)
                .mapToObj(i -> names.next())
                .toList();
    }

    public int[] ids(String sequence) {
        return ints(expected.get("sequences").get(sequence).get("ids"));
    }

    /** {@code [positions, vocab]}. */
    public Npy logits(Weights weights, String sequence) throws IOException {
        String suffix = sequence.equals("main") ? "" : "_" + sequence;
        return Npy.read(file(weights.prefix + "logits" + suffix + ".npy"));
    }

    /** The original's perplexity of a sequence. */
    public double perplexity(Weights weights, String sequence) {
        JsonNode node = weights == Weights.FP32
                ? expected.get("sequences").get(sequence)
                : expected.get("int8")
                        .get(weights == Weights.INT8 ? "int8" : "int8emb")
                        .get(sequence);
        return node.get("perplexity").doubleValue();
    }

    public static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).intValue())
                .toArray();
    }
}
