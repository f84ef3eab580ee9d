package io.spikelet.engine.family.spikegpt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.Npy;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * One golden checkpoint with the reference programs' results on it.
 *
 * @param key of the results: of the profile that {@code config.json} says, or of the training forward
 */
record SpikeGptCase(String name, String profile, DType weights, String key, JsonNode expected) {

    /** Both profiles of the second case, in both types. */
    static Stream<Arguments> all() {
        return Stream.of("g1-train", "g2-run", "g2-run:train", "g3-learnable")
                .flatMap(name -> Stream.of(Arguments.of(name, DType.FLOAT32), Arguments.of(name, DType.INT8)));
    }

    static SpikeGptCase load(String nameAndProfile, DType weights) {
        String name = nameAndProfile.replaceFirst(":.*", "");
        boolean other = nameAndProfile.contains(":");
        String type = weights == DType.INT8 ? "int8" : "fp32";
        try {
            Path file = Fixtures.golden("spikegpt/" + name).resolve("expected.json");
            JsonNode expected = new ObjectMapper().readTree(file.toFile());
            return new SpikeGptCase(
                    name,
                    other ? "train" : expected.get("config").get("profile").textValue(),
                    weights,
                    other ? "train_" + type : type,
                    expected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether states and traces are of this profile. */
    boolean isOwnProfile() {
        return !key.startsWith("train_");
    }

    Path file(String relative) {
        return Fixtures.golden("spikegpt/" + name).resolve(relative);
    }

    /** A {@code .pth} has no configuration: the variant alone says the profile. */
    Path convert(Path folder, DType type, String checkpoint) {
        Path output = folder.resolve(name + "-" + profile + "-" + type + "-" + checkpoint);
        Converter.convert(
                new Converter.Options(
                        file(checkpoint),
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        type,
                        type == DType.W8A8 ? DType.INT8 : type,
                        Optional.of(profile.equals("run") ? "run-float" : "train-binary")),
                Families.mappings(),
                line -> {});
        return output;
    }

    SpikingModel open(Path folder) {
        return SpikingModel.open(convert(folder, weights, "model.pth"), Families.all());
    }

    JsonNode sequence(String sequence) {
        return expected.get("sequences").get(sequence).get(key);
    }

    int[] ids(String sequence) {
        return ints(expected.get("sequences").get(sequence).get("ids"));
    }

    static int[] ints(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }

    Npy logits(String sequence) throws IOException {
        return Npy.read(file(sequence(sequence).get("logits_file").textValue()));
    }

    Npy trace(String what) throws IOException {
        return Npy.read(file((weights == DType.INT8 ? "trace_int8/" : "trace/") + what + ".npy"));
    }

    Npy state(String what) throws IOException {
        return Npy.read(file("state/" + (weights == DType.INT8 ? "int8_" : "") + what + ".npy"));
    }

    static List<String> sequences() {
        return List.of("main", "second");
    }

    /** {@code [positions, vocabulary]}. */
    static float[] logits(SpikingModel model, int[] ids, int block) {
        int vocabulary = model.config().vocabSize();
        float[] logits = new float[ids.length * vocabulary];
        try (Decoder decoder = new Decoder(model, block)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int from = 0; from < ids.length; from += block) {
                decoder.clear();
                int end = Math.min(ids.length, from + block);
                for (int i = from; i < end; i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
                System.arraycopy(decoder.logits(), 0, logits, from * vocabulary, (end - from) * vocabulary);
            }
            decoder.release(state);
        }
        return logits;
    }

    static float largestDifference(float[] actual, float[] expected) {
        float largest = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }
}
