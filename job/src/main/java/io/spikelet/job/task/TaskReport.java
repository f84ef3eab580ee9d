package io.spikelet.job.task;

import io.spikelet.engine.telemetry.KernelChoice;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * What one task did, and where.
 *
 * @param startedAtMillis when it began, since the epoch, by its machine's clock
 * @param rows output rows
 * @param tokens that the engine processed
 * @param executor Spark's name for the executor
 * @param kernels the kernels that computed, with their vector width
 */
public record TaskReport(
        int partition,
        long startedAtMillis,
        long rows,
        long tokens,
        double seconds,
        String executor,
        String host,
        String javaVersion,
        String jvm,
        String cpu,
        String kernels)
        implements Serializable {
    private static final String JVM = System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.name");
    private static final String CPU = readCpu();

    /** A report of the task that calls. */
    static TaskReport of(TaskContext task, long startedAtMillis, long rows, long tokens, double seconds) {
        SparkEnv environment = SparkEnv.get();
        return new TaskReport(
                task.partitionId(),
                startedAtMillis,
                rows,
                tokens,
                seconds,
                environment.executorId(),
                environment.blockManager().blockManagerId().host(),
                Runtime.version().toString(),
                JVM,
                CPU,
                KernelChoice.description());
    }

    /** The CPU of this machine: Linux names it in a file; elsewhere the architecture has to do. */
    public static String cpuOfThisMachine() {
        return CPU;
    }

    private static String readCpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
