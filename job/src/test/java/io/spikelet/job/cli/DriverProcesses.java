package io.spikelet.job.cli;

import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.Suspects;
import io.spikelet.job.plan.UnlockedLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Drivers on {@code local[2]} as processes of their own, from the job jar, each with a log in a folder. They start quickly rather
 * than run fast: with the simple compiler, and with the kernels that do not need the other one.
 */
final class DriverProcesses implements AutoCloseable {
    private static final long PATIENCE_MINUTES = 4;
    private static final Pattern DIGEST = Pattern.compile("digest of the results ([0-9a-f]{32})");

    private final Path project;
    private final Path folder;
    private final List<Process> started = new ArrayList<>();

    DriverProcesses(Path project, Path folder) {
        this.project = project;
        this.folder = folder;
    }

    /** The command line of a driver with these arguments. */
    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + project.resolve("scripts/jvm.args"),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dspikelet.kernels=scalar",
                "-Dlog4j2.configurationFile=" + project.resolve("conf/log4j2.properties")));
        Path built = project.resolve("job/target");
        command.addAll(List.of(
                "-cp",
                built.resolve("spikelet-job.jar") + ":" + built.resolve("spark/jars") + "/*",
                "io.spikelet.job.cli.Main"));
        command.addAll(arguments);
        command.addAll(List.of("--master", "local[2]", "--conf", "spark.sql.shuffle.partitions=2"));
        return command;
    }

    /** The command line of a driver that runs fast. */
    List<String> fast(List<String> arguments, String... flags) {
        List<String> command = new ArrayList<>(command(arguments));
        command.removeAll(List.of("-XX:TieredStopAtLevel=1", "-Dspikelet.kernels=scalar"));
        command.add(2, "@" + project.resolve("scripts/compiler.args"));
        command.addAll(2, List.of(flags));
        return command;
    }

    /** Starts a driver. */
    Process start(String name, List<String> arguments) {
        return startCommand(name, command(arguments));
    }

    /** Starts a command line as it is. */
    Process startCommand(String name, List<String> command) {
        ProcessBuilder process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        process.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        try {
            started.add(process.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return started.getLast();
    }

    /** Waits for the end of a process and returns its exit status. */
    int end(String name, Process process) throws InterruptedException {
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            throw new AssertionError(name + " does not end; it said " + said(name));
        }
        return process.exitValue();
    }

    /** Waits for something that a process does while it runs. */
    void await(String name, Process process, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
        while (!condition.getAsBoolean()) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new AssertionError(name + " ended, or never got there; it said " + said(name));
            }
        }
    }

    /** Everything that a process said. */
    String said(String name) {
        try {
            return Files.readString(log(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The digest of the results that a driver printed. */
    String digest(String name) {
        Matcher matcher = DIGEST.matcher(said(name));
        if (!matcher.find()) {
            throw new AssertionError(name + " printed no digest: " + said(name));
        }
        return matcher.group(1);
    }

    /** Commits of the unfinished work beside an output. */
    static List<ShardCommit> committed(Path output) {
        String ledger = unfinished(output).resolve("ledger").toUri().toString();
        return UnlockedLedger.in(ledger).committed();
    }

    /** Files of rows beside an output, committed or not. */
    static int files(Path output) {
        Path rows = unfinished(output).resolve("ledger/rows");
        if (!Files.isDirectory(rows)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(rows)) {
            return (int)
                    files.filter(file -> file.toString().endsWith(".parquet")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the tasks of a process have noted of their rows, if it works on rows itself. */
    static String notes(Path output, int process) {
        Path notes = unfinished(output).resolve("suspects/" + process);
        if (!Files.isDirectory(notes)) {
            return "";
        }
        try (Stream<Path> files = Files.list(notes)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(note -> !note.getFileName().toString().startsWith("."))
                    .toList()) {
                all.append(Files.readString(file));
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows that such a process has begun, as often as it has. */
    static long begun(Path output, int process) {
        return notes(output, process)
                .lines()
                .filter(line -> line.charAt(0) == Suspects.AMONG_OTHERS || line.charAt(0) == Suspects.ALONE)
                .count();
    }

    /** The folder of unfinished work. */
    static Path unfinished(Path output) {
        return output.resolveSibling("." + output.getFileName() + ".unfinished");
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
    }
}
