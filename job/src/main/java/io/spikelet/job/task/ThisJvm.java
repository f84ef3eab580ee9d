package io.spikelet.job.task;

import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.plan.TaskReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/** What run records say about a JVM and the machine under it. */
public final class ThisJvm {
    private static final String NAME = System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.name");
    private static final String CPU = readCpu();

    private ThisJvm() {}

    /** Vendor and name of the virtual machine. */
    public static String name() {
        return NAME;
    }

    /** The CPU of this machine: Linux names it in a file; elsewhere the architecture has to do. */
    public static String cpu() {
        return CPU;
    }

    /** A report of the task that calls. */
    static TaskReport report(
            TaskContext task, long startedAtMillis, long rows, long tokens, double seconds, double engineSeconds) {
        SparkEnv environment = SparkEnv.get();
        return new TaskReport(
                task.partitionId(),
                startedAtMillis,
                rows,
                tokens,
                seconds,
                engineSeconds,
                environment.executorId(),
                environment.blockManager().blockManagerId().host(),
                Runtime.version().toString(),
                NAME,
                CPU,
                KernelChoice.description());
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
