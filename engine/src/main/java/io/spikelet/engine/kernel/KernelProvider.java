package io.spikelet.engine.kernel;

/**
 * Chooses the kernels of this JVM, once: vector kernels when the {@code jdk.incubator.vector} module is there, else the
 * scalar ones, which give the same bits more slowly. The system property {@value #PROPERTY} ({@code vector} or {@code
 * scalar}) insists.
 */
public final class KernelProvider {
    /** System property that insists on one kind of kernels. */
    public static final String PROPERTY = "spikelet.kernels";

    private static final String MODULE = "jdk.incubator.vector";

    private KernelProvider() {}

    /**
     * The kernels for this JVM.
     *
     * @throws IllegalStateException if vector kernels were asked for and the module is missing
     */
    public static Kernels kernels() {
        return Chosen.KERNELS;
    }

    private static Kernels choose() {
        String wanted = System.getProperty(PROPERTY, "");
        boolean available = ModuleLayer.boot().findModule(MODULE).isPresent();
        return switch (wanted) {
            case "scalar" -> new ScalarKernels();
            case "" -> available ? new VectorKernels() : new ScalarKernels();
            case "vector" -> {
                if (!available) {
                    throw new IllegalStateException(
                            "vector kernels need the Vector API: start the JVM with --add-modules " + MODULE
                                    + ", or set -D" + PROPERTY + "=scalar");
                }
                yield new VectorKernels();
            }
            default ->
                throw new IllegalStateException(PROPERTY + " is '" + wanted + "'; it must be 'vector' or 'scalar'");
        };
    }

    private static final class Chosen {
        static final Kernels KERNELS = choose();
    }
}
