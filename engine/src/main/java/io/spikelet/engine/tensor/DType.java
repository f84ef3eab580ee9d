package io.spikelet.engine.tensor;

/** Element type of a stored tensor. */
public enum DType {
    INT8("int8", 1),
    FLOAT32("float32", 4);

    private final String label;
    private final int bytes;

    DType(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    /** The name in {@code manifest.json}. */
    public String label() {
        return label;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
