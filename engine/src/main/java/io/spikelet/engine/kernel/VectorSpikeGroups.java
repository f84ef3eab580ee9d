package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.SHORTS;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES_TYPE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/**
 * Several weight vectors added to the short sums in one pass: the sums are loaded and stored once per group, and the
 * reads of several streams overlap. Written out because C2 no longer inlines helpers with vector arguments in methods
 * of this size.
 */
final class VectorSpikeGroups {
    private VectorSpikeGroups() {}

    /** Adds the 8 vectors of {@code indices[i ..]} to {@code sums[at .. at + stride)}. */
    static void add8(MemorySegment data, int[] indices, int i, int stride, short[] sums, int at) {
        long r0 = (long) indices[i] * stride;
        long r1 = (long) indices[i + 1] * stride;
        long r2 = (long) indices[i + 2] * stride;
        long r3 = (long) indices[i + 3] * stride;
        long r4 = (long) indices[i + 4] * stride;
        long r5 = (long) indices[i + 5] * stride;
        long r6 = (long) indices[i + 6] * stride;
        long r7 = (long) indices[i + 7] * stride;
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v0 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r0 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v1 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r1 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v2 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r2 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v3 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r3 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v4 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r4 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v5 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r5 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v6 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r6 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v7 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r7 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o)
                    .add(v0.add(v1).add(v2.add(v3)).add(v4.add(v5).add(v6.add(v7))))
                    .intoArray(sums, at + o);
        }
    }

    /** Adds the 4 vectors of {@code indices[i ..]} to {@code sums[at .. at + stride)}. */
    static void add4(MemorySegment data, int[] indices, int i, int stride, short[] sums, int at) {
        long r0 = (long) indices[i] * stride;
        long r1 = (long) indices[i + 1] * stride;
        long r2 = (long) indices[i + 2] * stride;
        long r3 = (long) indices[i + 3] * stride;
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v0 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r0 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v1 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r1 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v2 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r2 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v3 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r3 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o)
                    .add(v0.add(v1).add(v2.add(v3)))
                    .intoArray(sums, at + o);
        }
    }

    /** Adds the 2 vectors of {@code indices[i ..]} to {@code sums[at .. at + stride)}. */
    static void add2(MemorySegment data, int[] indices, int i, int stride, short[] sums, int at) {
        long r0 = (long) indices[i] * stride;
        long r1 = (long) indices[i + 1] * stride;
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v0 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r0 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v1 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r1 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o).add(v0.add(v1)).intoArray(sums, at + o);
        }
    }
}
