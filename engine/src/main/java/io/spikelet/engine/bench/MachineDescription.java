package io.spikelet.engine.bench;

import io.spikelet.engine.telemetry.KernelChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine on which a benchmark ran.
 *
 * @param cpu name of the CPU according to the operating system
 * @param processors number of processors that this JVM may use
 * @param kernels the kernels in use, such as {@code vector-512}, and in brackets why they are not faster ones
 */
public record MachineDescription(String cpu, int processors, String java, long heapBytes, String kernels) {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    static MachineDescription ofThisJvm() {
        return new MachineDescription(
                cpuName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                Runtime.getRuntime().maxMemory(),
                KernelChoice.explanation());
    }

    private static String cpuName() {
        try {
            return Files.readAllLines(CPU).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) { // not Linux
            return System.getProperty("os.arch");
        }
    }
}
