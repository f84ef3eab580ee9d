package io.spikelet.engine;

import io.spikelet.engine.telemetry.KernelChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM of its own for what is settled once per JVM, with the class path of the tests. */
public final class ChildJvm {
    /** The module of the vector kernels; without it there are only the scalar ones. */
    public static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

    private static final int MINUTES = 10;

    private ChildJvm() {}

    /**
     * Bits of the widest vectors of this CPU, 0 without vector kernels. The JVM computes with wider ones too, in objects: a hundred
     * times slower.
     */
    public static int widestVectors() {
        Matcher kernels = Pattern.compile("vector-(\\d+).*").matcher(KernelChoice.description());
        return kernels.matches() ? Integer.parseInt(kernels.group(1)) : 0;
    }

    /**
     * Runs a main class to its end.
     *
     * @param output file for what it prints
     * @return the lines it printed to standard output
     * @throws IllegalStateException with everything it printed, if it failed or did not end
     */
    public static List<String> run(Path output, List<String> flags, Class<?> main, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        Path errors = Path.of(output + ".err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException(flags + " " + main.getName()
                        + (ended ? " ended with " + process.exitValue() : " ran longer than " + MINUTES + " minutes")
                        + "\n" + Files.readString(output) + Files.readString(errors));
            }
            return Files.readAllLines(output);
        } finally {
            process.destroyForcibly();
        }
    }
}
