package io.spikelet.engine.family.bispikclm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.Npy;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One golden checkpoint with the reference programs' results on it. */
record BinaryCase(String name, JsonNode expected) {
    /** Profiles R, P, R with odd sizes, P with soft_a and biases, and I. */
    static final List<String> NAMES = List.of("b1-r-t4", "b2-p-t2", "b3-r-odd", "b4-p-softa", "b5-i-t4");

    static BinaryCase load(String name) {
        try {
            Path file = Fixtures.golden("bispikclm/" + name).resolve("expected.json");
            return new BinaryCase(name, new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file(String relative) {
        return Fixtures.golden("bispikclm/" + name).resolve(relative);
    }

    Path convert(Path folder, DType weights, String checkpoint) {
        Path output = folder.resolve(name + "-" + weights + "-" + checkpoint);
        Converter.convert(
                new Converter.Options(
                        file(checkpoint),
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        weights,
                        weights,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        return output;
    }

    SpikingModel open(Path folder, DType weights) {
        return SpikingModel.open(convert(folder, weights, "checkpoint.pt"), Families.all());
    }

    JsonNode sequence(String sequence, DType weights) {
        return expected.get("sequences").get(sequence).get(weights == DType.INT8 ? "int8" : "fp32");
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

    Npy logits(String sequence, DType weights) throws IOException {
        return Npy.read(file(sequence(sequence, weights).get("logits_file").textValue()));
    }

    /** {@code [steps, positions, ...]}. */
    Npy trace(String what, DType weights) throws IOException {
        return Npy.read(file((weights == DType.INT8 ? "trace_int8/" : "trace/") + what + ".npy"));
    }

    /** Whether INT8 has one meaning to the last bit: every sum is of integers. */
    boolean isExact() {
        return !name.contains("-r-");
    }
}
