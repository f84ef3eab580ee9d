package io.spikelet.engine.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes of this JVM: 512, 256 or 128 bit, the widest that the CPU prefers, unless the system property
 * {@value #PROPERTY} sets another width. They are constants, because the compiler specialises on them.
 */
final class VectorWidth {
    static final String PROPERTY = "spikelet.vector.bits";

    static final int BITS = bits();
    static final VectorSpecies<Float> FLOATS = floats(BITS);
    static final VectorSpecies<Integer> INTS = ints(BITS);
    static final int LANES = FLOATS.length();
    /** At least {@link #LANES} INT8 codes; the smallest byte shape has 8, so with 4 lanes a load reads 4 extra bytes. */
    static final VectorSpecies<Byte> CODES = bytes(Math.max(64, BITS / 4));

    static final VectorSpecies<Short> SHORTS = shorts(BITS);
    /** As many INT8 codes as {@link #SHORTS} has lanes. */
    static final VectorSpecies<Byte> SHORT_CODES = bytes(BITS / 2);

    static final VectorSpecies<Double> DOUBLES = doubles(BITS);
    /** As many floats as {@link #DOUBLES} has lanes. */
    static final VectorSpecies<Float> HALF_FLOATS = floats(BITS / 2);

    /**
     * The exact classes of the vectors that are converted. The JDK's conversion determines its class through a virtual
     * call whose type profile is shared by all conversions of the JVM; once the profile contains two classes, the
     * operand is boxed, at fifty times the cost. A cast to a constant class at the call site avoids this at no cost.
     */
    static final Class<? extends ByteVector> CODES_TYPE = ByteVector.zero(CODES).getClass();

    static final Class<? extends ByteVector> SHORT_CODES_TYPE =
            ByteVector.zero(SHORT_CODES).getClass();
    static final Class<? extends IntVector> INTS_TYPE = IntVector.zero(INTS).getClass();
    static final Class<? extends FloatVector> FLOATS_TYPE =
            FloatVector.zero(FLOATS).getClass();
    static final Class<? extends FloatVector> HALF_FLOATS_TYPE =
            FloatVector.zero(HALF_FLOATS).getClass();

    private VectorWidth() {}

    private static int bits() {
        int preferred = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
        int bits = Integer.getInteger(PROPERTY, Math.max(128, preferred));
        if (bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException(PROPERTY + " is " + bits + "; it must be 128, 256 or 512");
        }
        return bits;
    }

    private static VectorSpecies<Float> floats(int bits) {
        return switch (bits) {
            case 64 -> FloatVector.SPECIES_64;
            case 128 -> FloatVector.SPECIES_128;
            case 256 -> FloatVector.SPECIES_256;
            default -> FloatVector.SPECIES_512;
        };
    }

    private static VectorSpecies<Integer> ints(int bits) {
        return switch (bits) {
            case 128 -> IntVector.SPECIES_128;
            case 256 -> IntVector.SPECIES_256;
            default -> IntVector.SPECIES_512;
        };
    }

    private static VectorSpecies<Byte> bytes(int bits) {
        return switch (bits) {
            case 64 -> ByteVector.SPECIES_64;
            case 128 -> ByteVector.SPECIES_128;
            default -> ByteVector.SPECIES_256;
        };
    }

    private static VectorSpecies<Short> shorts(int bits) {
        return switch (bits) {
            case 128 -> ShortVector.SPECIES_128;
            case 256 -> ShortVector.SPECIES_256;
            default -> ShortVector.SPECIES_512;
        };
    }

    private static VectorSpecies<Double> doubles(int bits) {
        return switch (bits) {
            case 128 -> DoubleVector.SPECIES_128;
            case 256 -> DoubleVector.SPECIES_256;
            default -> DoubleVector.SPECIES_512;
        };
    }
}
