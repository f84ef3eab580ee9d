package io.spikelet.job.task;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.spikelet.job.plan.ShardCommit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/** The description of a JVM and its machine in run records. */
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

    /** The commit of a task that this JVM ran. */
    static ShardCommit commit(String file, int attempt, int shard, TaskMeter.Work work) {
        SparkEnv environment = SparkEnv.get();
        return new ShardCommit(
                file,
                attempt,
                shard,
                work.startedAtMillis(),
                work.rows(),
                work.predictedTokens(),
                work.tokens(),
                work.seconds(),
                work.engineSeconds(),
                environment.executorId(),
                environment.blockManager().blockManagerId().host(),
                Runtime.version().toString(),
                NAME,
                CPU,
                work.kernels());
    }

    /** Where the virtual machine would report that it has crashed. */
    static Path crashReport() {
        String file = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("ErrorFile")
                .getValue();
        String name = file == null || file.isEmpty() ? "hs_err_pid%p.log" : file;
        return Path.of(name.replace("%p", Long.toString(ProcessHandle.current().pid())))
                .toAbsolutePath();
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
