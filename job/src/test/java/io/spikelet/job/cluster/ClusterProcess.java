package io.spikelet.job.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A standalone master with workers, started and stopped by {@code scripts/cluster}, and jobs sent to it. */
final class ClusterProcess implements AutoCloseable {
    private static final long MOST_MINUTES = 4;

    private final Path project;
    private final Path folder;
    private int runs;

    /** What a process left behind. */
    record Outcome(int status, String out, String err) {}

    private ClusterProcess(Path project, Path folder) {
        this.project = project;
        this.folder = folder;
    }

    /** Starts a master and two workers of one core on free ports. */
    static ClusterProcess up(Path project, Path folder) throws IOException, InterruptedException {
        ClusterProcess cluster = new ClusterProcess(project, folder);
        Outcome up = cluster.script(
                "cluster",
                "up",
                "--workers",
                "2",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--port",
                "0",
                "--webui-port",
                "0");
        if (up.status() != 0) {
            cluster.close();
            throw new IllegalStateException("scripts/cluster up exits with " + up.status() + ": " + up.err());
        }
        return cluster;
    }

    /** Runs one of the project's scripts to its end. */
    Outcome script(String name, String... args) throws IOException, InterruptedException {
        Path out = folder.resolve("run-" + ++runs + ".out");
        Path err = folder.resolve("run-" + runs + ".err");
        ProcessBuilder process = new ProcessBuilder(
                Stream.concat(Stream.of(project.resolve("scripts").resolve(name).toString()), Stream.of(args))
                        .toList());
        process.environment()
                .putAll(Map.of(
                        "SPIKELET_CLUSTER_DIR", state().toString(), "JAVA_HOME", System.getProperty("java.home")));
        if (name.equals("submit")) {
            // A driver runs no kernels and gains nothing from a better compiler.
            process.environment().put("SPIKELET_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m");
        }
        Process running =
                process.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!running.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            running.destroyForcibly();
            throw new IllegalStateException(name + " did not end; it said " + Files.readString(err));
        }
        return new Outcome(running.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Where the scripts keep process ids and logs. */
    Path state() {
        return folder.resolve("cluster");
    }

    /** Process ids by the files that hold them. */
    List<Long> processes() throws IOException {
        try (Stream<Path> files = Files.list(state())) {
            return files.filter(file -> file.toString().endsWith(".pid"))
                    .map(ClusterProcess::read)
                    .toList();
        }
    }

    private static long read(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        script("cluster", "down");
    }
}
