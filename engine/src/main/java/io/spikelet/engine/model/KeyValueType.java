package io.spikelet.engine.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The number format in which attention stores the keys and values of earlier positions. It is chosen per run, and
 * results depend on it: stored values are rounded; all arithmetic on them is in float32.
 */
public enum KeyValueType {
    /** As they were computed. */
    FLOAT32("float32", Float.BYTES),
    /** IEEE binary16, rounded half to even; values beyond its range become infinite. */
    FLOAT16("float16", Short.BYTES),
    /** Codes of -127 to 127 with one float32 factor for each head and position, rounded as the inputs of W8A8 products. */
    INT8("int8", Byte.BYTES);

    private final String label;
    private final int bytes;

    KeyValueType(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    /** The name on the command line and in the record of a run. */
    public String label() {
        return label;
    }

    /** Bytes of a channel. */
    public int bytes() {
        return bytes;
    }

    /** All names, in order. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(KeyValueType::label).toList();
    }

    /**
     * The type with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static KeyValueType ofLabel(String label) {
        return Arrays.stream(values())
                .filter(type -> type.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--kv-cache is '" + label + "'; it must be one of "
                        + labels().stream().collect(Collectors.joining(", "))));
    }
}
