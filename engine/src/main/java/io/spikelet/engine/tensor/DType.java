package io.spikelet.engine.tensor;

/** Element type of a stored tensor. */
public enum DType {
    /** Codes with a float32 scale per output. */
    INT8("int8", 1),
    /** The same, for inputs that are also rounded to INT8; codes are stored plus 128. */
    W8A8("w8a8", 1),
    FLOAT32("float32", 4),
    /** A matrix of zeros and ones, eight per stored element. */
    BITS("bits", 1);

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

    /** Whether elements are codes with separate scales. */
    public boolean isCode() {
        return this == INT8 || this == W8A8;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
