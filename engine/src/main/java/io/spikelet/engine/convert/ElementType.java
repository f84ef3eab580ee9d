package io.spikelet.engine.convert;

import java.util.Optional;

/** Element types that a checkpoint may hold; only the first three can become weights. */
public enum ElementType {
    FLOAT32(4, "FloatStorage", "F32"),
    FLOAT16(2, "HalfStorage", "F16"),
    BFLOAT16(2, "BFloat16Storage", "BF16"),
    FLOAT64(8, "DoubleStorage", "F64"),
    BOOL(1, "BoolStorage", "BOOL"),
    UINT8(1, "ByteStorage", "U8"),
    INT8(1, "CharStorage", "I8"),
    INT16(2, "ShortStorage", "I16"),
    INT32(4, "IntStorage", "I32"),
    INT64(8, "LongStorage", "I64");

    private final int bytes;
    private final String storageClass;
    private final String safeTensorsName;

    ElementType(int bytes, String storageClass, String safeTensorsName) {
        this.bytes = bytes;
        this.storageClass = storageClass;
        this.safeTensorsName = safeTensorsName;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether the type can be read as weights. */
    public boolean isWeight() {
        return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
    }

    static Optional<ElementType> ofStorageClass(String name) {
        for (ElementType type : values()) {
            if (type.storageClass.equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static Optional<ElementType> ofSafeTensorsName(String name) {
        for (ElementType type : values()) {
            if (type.safeTensorsName.equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
