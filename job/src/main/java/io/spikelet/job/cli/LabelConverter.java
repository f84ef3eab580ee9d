package io.spikelet.job.cli;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Turns an option's value into a constant by the label that users know, and names the labels when it is none of them. */
abstract class LabelConverter<T> implements ITypeConverter<T> {
    private final Map<String, T> byLabel;

    private LabelConverter(Map<String, T> byLabel) {
        this.byLabel = new TreeMap<>(byLabel);
    }

    @Override
    public T convert(String label) {
        T value = byLabel.get(label);
        if (value == null) {
            throw new TypeConversionException("'" + label + "' is none of " + String.join(", ", byLabel.keySet()));
        }
        return value;
    }

    /** {@code --weights}. */
    static final class OfDType extends LabelConverter<DType> {
        OfDType() {
            super(Map.of("int8", DType.INT8, "fp32", DType.FLOAT32));
        }
    }

    /** {@code --scheme}. */
    static final class OfScheme extends LabelConverter<Scheme> {
        OfScheme() {
            super(Arrays.stream(Scheme.values()).collect(Collectors.toMap(Scheme::label, scheme -> scheme)));
        }
    }

    /** {@code --variant}. */
    static final class OfVariant extends LabelConverter<String> {
        OfVariant() {
            super(Families.all().variants().stream().collect(Collectors.toMap(label -> label, label -> label)));
        }
    }

    /** {@code --preset}. */
    static final class OfPreset extends LabelConverter<ModelPreset> {
        OfPreset() {
            super(Families.mappings().presets().stream()
                    .collect(Collectors.toMap(ModelPreset::label, preset -> preset)));
        }
    }
}
