package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.convert.Checkpoint;
import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.CheckpointMapping;
import io.spikelet.engine.convert.MatrixSource;
import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.SourceTensor;
import io.spikelet.engine.convert.TensorConverter;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The reproduction's checkpoints, and safetensors with the same names: LayerNorms are folded into the linear layers
 * after them. Source: section 9 of the specification. Stateless and thread-safe.
 */
public final class BispikclmCheckpoint implements CheckpointMapping {
    private static final String TIED_HEAD = "lm_head.weight";
    private static final String FINAL_NORM = "final_layer_norm";

    @Override
    public ModelFamily family() {
        return Bispikclm.FAMILY;
    }

    /** The optimizer, the scheduler and the projectors in the file are ignored. */
    @Override
    public List<String> stateDictKeys() {
        return List.of("student");
    }

    @Override
    public boolean recognises(Checkpoint checkpoint) {
        return checkpoint.tensors().containsKey(BispikclmTensors.TOKENS)
                && checkpoint.tensors().containsKey(BispikclmTensors.POSITIONS);
    }

    /** A torch archive has the fields under {@code model}; {@code training.time_steps} overrides their number of steps. */
    @Override
    public FamilyConfig config(Checkpoint checkpoint, Map<String, Object> fields, Optional<String> variant) {
        Map<String, Object> values = new LinkedHashMap<>(fields);
        if (fields.get("model") instanceof Map<?, ?> model) {
            values.clear();
            model.forEach((key, value) -> values.put(String.valueOf(key), value));
            if (fields.get("training") instanceof Map<?, ?> training && training.get("time_steps") != null) {
                values.put("num_steps", training.get("time_steps"));
            }
        }
        BispikclmConfig config;
        try {
            config = ConfigurationFields.resolve(values);
        } catch (IllegalArgumentException e) {
            throw new CheckpointFormatException("the configuration cannot be used: " + e.getMessage(), e);
        }
        if (variant.isPresent() && !variant.get().equals(config.variant())) {
            throw new CheckpointFormatException(
                    "--variant is " + variant.get() + ", but the configuration's switches are" + " those of "
                            + config.variant() + "; leave the option out");
        }
        return config;
    }

    @Override
    public Map<String, ExpectedEntry> expected(FamilyConfig model) {
        BispikclmConfig config = (BispikclmConfig) model;
        long width = config.width();
        long hidden = config.hidden();
        Map<String, ExpectedEntry> expected = new LinkedHashMap<>();
        expected.put(BispikclmTensors.TOKENS, weight(config.vocabSize(), width));
        expected.put(BispikclmTensors.POSITIONS, weight(config.maxPositions(), width));
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = BispikclmTensors.layer(layer);
            for (String linear : BispikclmTensors.QKV) {
                addLinear(expected, block + linear, width, width, config.attentionBias());
            }
            addLinear(expected, block + BispikclmTensors.OUT, width, width, config.attentionBias());
            addLinear(expected, block + BispikclmTensors.FC1, hidden, width, config.mlpBias());
            addLinear(expected, block + BispikclmTensors.FC2, width, hidden, config.mlpBias());
            if (config.layerNorm()) {
                addNorm(expected, block + "attention_norm", width);
                addNorm(expected, block + "mlp_norm", width);
            }
        }
        addNorm(expected, FINAL_NORM, width);
        return expected;
    }

    @Override
    public Map<String, ExpectedEntry> optional(FamilyConfig model) {
        BispikclmConfig config = (BispikclmConfig) model;
        return Map.of(
                TIED_HEAD,
                weight(config.vocabSize(), config.width()),
                BispikclmTensors.LOG_SCALE,
                new ExpectedEntry(List.of(), true));
    }

    private static void addLinear(
            Map<String, ExpectedEntry> expected, String linear, long outputs, long inputs, boolean biased) {
        expected.put(BispikclmTensors.weight(linear), weight(outputs, inputs));
        if (biased) {
            expected.put(BispikclmTensors.bias(linear), new ExpectedEntry(List.of(outputs), true));
        }
    }

    private static void addNorm(Map<String, ExpectedEntry> expected, String norm, long width) {
        expected.put(norm + ".weight", new ExpectedEntry(List.of(width), true));
        expected.put(norm + ".bias", new ExpectedEntry(List.of(width), true));
    }

    private static ExpectedEntry weight(long outputs, long inputs) {
        return new ExpectedEntry(List.of(outputs, inputs), true);
    }

    /** A model with a separate output head is not supported. */
    @Override
    public void check(FamilyConfig config, Checkpoint checkpoint) {
        SourceTensor head = checkpoint.tensors().get(TIED_HEAD);
        if (head == null) {
            return;
        }
        SourceTensor tokens = checkpoint.tensors().get(BispikclmTensors.TOKENS);
        float[] a = new float[head.columns()];
        float[] b = new float[head.columns()];
        for (int row = 0; row < head.rows(); row++) {
            head.read(row, 0, a.length, a);
            tokens.read(row, 0, b.length, b);
            for (int i = 0; i < a.length; i++) {
                if (a[i] != b[i]) {
                    throw new CheckpointFormatException(TIED_HEAD + " differs from " + BispikclmTensors.TOKENS + " at ["
                            + row + ", " + i + "]: " + a[i] + " and " + b[i]
                            + "; this program reads models whose head is the token embedding");
                }
            }
        }
    }

    @Override
    public void convert(
            FamilyConfig model,
            Checkpoint checkpoint,
            TensorConverter converter,
            Function<TensorSpec, DType> typeOf,
            Consumer<TensorSpec> written)
            throws IOException {
        FoldedLinears folded = new FoldedLinears((BispikclmConfig) model, checkpoint);
        for (TensorSpec spec : model.tensors()) {
            if (spec.isMatrix()) {
                converter.convert(spec, folded.matrix(spec.name()), type(spec, typeOf));
            } else {
                converter.vector(spec, folded.vector(spec, converter, typeOf));
            }
            written.accept(spec);
        }
    }

    /** Position embeddings stay float32. */
    static DType type(TensorSpec spec, Function<TensorSpec, DType> typeOf) {
        return spec.name().equals(BispikclmTensors.POSITIONS) ? DType.FLOAT32 : typeOf.apply(spec);
    }

    @Override
    public List<ModelPreset> presets() {
        return List.of(BispikclmPreset.values());
    }

    /** The checkpoint entries from which the tensors of a model directory are computed. */
    private static final class FoldedLinears {
        private final BispikclmConfig config;
        private final Map<String, SourceTensor> tensors;

        FoldedLinears(BispikclmConfig config, Checkpoint checkpoint) {
            this.config = config;
            this.tensors = checkpoint.tensors();
        }

        /** The matrix to store: multiplied by the weight of the LayerNorm before it, if there is one. */
        MatrixSource matrix(String name) {
            String linear = name.substring(0, name.lastIndexOf('.'));
            SourceTensor source =
                    linear.equals(BispikclmTensors.HEAD) ? tensors.get(BispikclmTensors.TOKENS) : tensors.get(name);
            Optional<String> norm = norm(linear);
            return norm.isEmpty() ? source : new Folded(source, values(norm.get() + ".weight"));
        }

        private Optional<String> norm(String linear) {
            if (linear.equals(BispikclmTensors.HEAD)) {
                return Optional.of(FINAL_NORM);
            }
            if (!config.layerNorm()) {
                return Optional.empty();
            }
            String block = linear.replaceFirst("(attention|mlp)\\..*", "");
            if (linear.endsWith(BispikclmTensors.FC1)) {
                return Optional.of(block + "mlp_norm");
            }
            boolean reads = BispikclmTensors.QKV.stream().anyMatch(linear::endsWith);
            return reads ? Optional.of(block + "attention_norm") : Optional.empty();
        }

        float[] vector(TensorSpec spec, TensorConverter converter, Function<TensorSpec, DType> typeOf) {
            String name = spec.name();
            if (name.equals(BispikclmTensors.LOG_SCALE)) {
                return tensors.containsKey(name) ? values(name) : new float[1];
            }
            String linear = name.substring(0, name.lastIndexOf('.'));
            String weight = BispikclmTensors.weight(linear);
            if (name.equals(BispikclmTensors.codeSums(linear))) {
                return converter.rowSums(matrix(weight), typeOf.apply(weightSpec(weight)));
            }
            return name.equals(BispikclmTensors.constants(linear)) ? constants(linear) : values(name);
        }

        private TensorSpec weightSpec(String weight) {
            return config.tensors().stream()
                    .filter(spec -> spec.name().equals(weight))
                    .findFirst()
                    .orElseThrow();
        }

        /** {@code sum of W[o][i] * beta[i] + b[o]}: in double, i ascending, the bias last, rounded once at the end. */
        private float[] constants(String linear) {
            SourceTensor weights = linear.equals(BispikclmTensors.HEAD)
                    ? tensors.get(BispikclmTensors.TOKENS)
                    : tensors.get(BispikclmTensors.weight(linear));
            float[] beta = values(norm(linear).orElseThrow() + ".bias");
            SourceTensor bias = tensors.get(BispikclmTensors.bias(linear));
            float[] biases = bias == null ? new float[weights.rows()] : values(bias.name());
            float[] constants = new float[weights.rows()];
            float[] row = new float[weights.columns()];
            for (int o = 0; o < constants.length; o++) {
                weights.read(o, 0, row.length, row);
                double sum = 0;
                for (int i = 0; i < row.length; i++) {
                    sum += (double) row[i] * beta[i];
                }
                constants[o] = (float) (sum + biases[o]);
            }
            return constants;
        }

        private float[] values(String name) {
            SourceTensor tensor = tensors.get(name);
            float[] values = new float[tensor.columns()];
            tensor.read(0, 0, values.length, values);
            return values;
        }
    }

    /** {@code W[o][i] * gamma[i]}, one float32 product. */
    private record Folded(SourceTensor weights, float[] gamma) implements MatrixSource {
        @Override
        public int rows() {
            return weights.rows();
        }

        @Override
        public int columns() {
            return weights.columns();
        }

        @Override
        public void read(int row, int from, int count, float[] into) {
            weights.read(row, from, count, into);
            for (int i = 0; i < count; i++) {
                into[i] *= gamma[from + i];
            }
        }
    }
}
