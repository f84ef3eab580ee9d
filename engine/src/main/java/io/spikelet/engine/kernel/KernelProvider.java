package io.spikelet.engine.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses the kernels of this JVM, once: vector kernels if the {@code jdk.incubator.vector} module is present, else the
 * scalar ones, which give the same bits more slowly. The system property {@value #PROPERTY} ({@code vector} or {@code
 * scalar}) forces one of them. With vector kernels the native library multiplies integers if it can be loaded; {@value
 * #NATIVE_PROPERTY} disables it ({@code false}) or selects a level.
 */
public final class KernelProvider {
    /** System property that forces one kind of kernels. */
    public static final String PROPERTY = "spikelet.kernels";

    /** System property that disables the native library, or selects a lower level. */
    public static final String NATIVE_PROPERTY = "spikelet.native";

    private static final String MODULE = "jdk.incubator.vector";

    private static final Kernels SCALAR = new ScalarKernels();

    private KernelProvider() {}

    /**
     * The kernels for this JVM.
     *
     * @throws IllegalStateException if vector kernels were requested and the module is missing, or a property has an
     *     invalid value; thrown at every call
     */
    public static Kernels kernels() {
        return Chosen.get().kernels();
    }

    /**
     * Why the kernels are not the fastest ones, and the remedy; empty if they are.
     *
     * @throws IllegalStateException as {@link #kernels}
     */
    public static Optional<String> reason() {
        String reasons = Stream.concat(Chosen.get().reason().stream(), JvmLimits.ofThisJvm().stream())
                .collect(Collectors.joining("; "));
        return reasons.isEmpty() ? Optional.empty() : Optional.of(reasons);
    }

    /**
     * The kernels for work that ends within a second or so: the scalar ones, unless the property names others. Vector kernels
     * are far slower than these until C2 has compiled them, which takes a core some seconds.
     */
    public static Kernels withoutWarmUp() {
        return System.getProperty(PROPERTY, "").isEmpty() ? SCALAR : kernels();
    }

    /** {@link #kernels} without the native library. */
    public static Kernels withoutNativeLibrary() {
        return nativeLevel().isPresent() ? new VectorKernels(Optional.empty()) : kernels();
    }

    /** The level at which the native library multiplies integers in this JVM; empty without the library. */
    static Optional<NativeLevel> nativeLevel() {
        return kernels() instanceof VectorKernels vector ? vector.level() : Optional.empty();
    }

    /** Labels of the native library's levels that this CPU supports, slowest first. */
    public static List<String> nativeLevels() {
        return NativeProducts.levels().stream().map(NativeLevel::label).toList();
    }

    private record Choice(Kernels kernels, Optional<String> reason) {}

    private static Choice choose() {
        String wanted = System.getProperty(PROPERTY, "");
        boolean available = ModuleLayer.boot().findModule(MODULE).isPresent();
        return switch (wanted) {
            case "scalar" -> new Choice(SCALAR, Optional.of("-D" + PROPERTY + "=scalar"));
            case "" ->
                available
                        ? vector()
                        : new Choice(SCALAR, Optional.of("the JVM was started without --add-modules " + MODULE));
            case "vector" -> {
                if (!available) {
                    throw new IllegalStateException(
                            "vector kernels need the Vector API: start the JVM with --add-modules " + MODULE
                                    + ", or set -D" + PROPERTY + "=scalar");
                }
                yield vector();
            }
            default ->
                throw new IllegalStateException(PROPERTY + " is '" + wanted + "'; it must be 'vector' or 'scalar'");
        };
    }

    private static Choice vector() {
        String wanted = System.getProperty(NATIVE_PROPERTY, "true");
        if (wanted.equals("false")) {
            return new Choice(new VectorKernels(Optional.empty()), Optional.of("-D" + NATIVE_PROPERTY + "=false"));
        }
        if (wanted.equals("true")) {
            return new Choice(new VectorKernels(NativeProducts.best()), NativeProducts.reason());
        }
        NativeLevel level = NativeLevel.ofLabel(wanted)
                .orElseThrow(() -> new IllegalStateException(NATIVE_PROPERTY + " is '" + wanted
                        + "'; it must be 'true', 'false' or one of "
                        + Arrays.stream(NativeLevel.values())
                                .map(NativeLevel::label)
                                .collect(Collectors.joining(", "))));
        if (!NativeProducts.levels().contains(level)) {
            String why = NativeProducts.reason().orElse("the CPU does not have it");
            return new Choice(
                    new VectorKernels(Optional.empty()),
                    Optional.of("-D" + NATIVE_PROPERTY + "=" + wanted + " is not to be had: " + why));
        }
        return new Choice(new VectorKernels(Optional.of(level)), Optional.of("-D" + NATIVE_PROPERTY + "=" + wanted));
    }

    /**
     * The choice, made once; a refusal is stored instead of thrown, because an exception in a class initializer hides
     * its reason.
     */
    private static final class Chosen {
        private static final Choice CHOICE;
        private static final String REFUSAL; // null if there are kernels

        static {
            Choice choice = null;
            String refusal = null;
            try {
                Choice chosen = choose();
                chosen.kernels().description(); // also sets the vector width, which throws if its property is invalid
                choice = chosen;
            } catch (IllegalStateException e) {
                refusal = e.getMessage();
            } catch (ExceptionInInitializerError e) {
                refusal = String.valueOf(e.getCause().getMessage());
            }
            CHOICE = choice;
            REFUSAL = refusal;
        }

        static Choice get() {
            if (CHOICE == null) {
                throw new IllegalStateException(REFUSAL);
            }
            return CHOICE;
        }
    }
}
