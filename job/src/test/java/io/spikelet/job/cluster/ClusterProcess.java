package io.spikelet.job.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A standalone master with workers of one core, started and stopped by {@code scripts/cluster}, and jobs sent to it. */
final class ClusterProcess implements AutoCloseable {
    private static final long MOST_MINUTES = 10;

    private final Path project;
    private final Path folder;
    private final List<Running> started = new ArrayList<>();

    /** What a process left behind. */
    record Outcome(int status, String out, String err) {}

    /** A script that runs. */
    record Running(String name, Process process, Path out, Path err) {
        /** Waits for its end. */
        Outcome end() throws IOException, InterruptedException {
            if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(name + " did not end; it said " + Files.readString(err));
            }
            return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
        }

        /** Waits for something that it does while it runs. */
        void await(BooleanSupplier condition) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MOST_MINUTES);
            while (!condition.getAsBoolean()) {
                if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                    throw new AssertionError(name + " ended, or never got there; it said " + Files.readString(err));
                }
            }
        }
    }

    private ClusterProcess(Path project, Path folder) {
        this.project = project;
        this.folder = folder;
    }

    /** Starts a master and workers on free ports. */
    static ClusterProcess up(Path project, Path folder, int workers) throws IOException, InterruptedException {
        ClusterProcess cluster = new ClusterProcess(project, folder);
        Outcome up = cluster.script(
                "cluster",
                "up",
                "--workers",
                "" + workers,
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

    /**
     * Starts another worker under an address of its own, as the script would, which also ends it. Spark never runs two copies
     * of a task on one host.
     */
    void addWorker(String name, String host) throws IOException {
        Path spark = project.resolve("job/target/spark");
        ProcessBuilder worker = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + project.resolve("scripts/jvm.args"),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dspikelet.cluster=" + state().resolve(name),
                "-cp",
                spark.resolve("jars") + "/*",
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                host,
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                folder.resolve(name).toString(),
                Files.readString(state().resolve("url")).strip());
        worker.environment()
                .putAll(Map.of("SPARK_HOME", spark.toString(), "SPARK_SCALA_VERSION", "2.13", "SPARK_LOCAL_IP", host));
        Process process = worker.redirectErrorStream(true)
                .redirectOutput(state().resolve(name + ".log").toFile())
                .start();
        Files.writeString(state().resolve(name + ".pid"), process.pid() + "\n");
    }

    /** Ends a worker that was added, and its executors with it. */
    void removeWorker(String name) throws IOException {
        executors(name).forEach(ProcessHandle::destroyForcibly);
        Path file = state().resolve(name + ".pid");
        ProcessHandle.of(read(file)).ifPresent(ProcessHandle::destroyForcibly);
        Files.delete(file);
    }

    /** Runs one of the project's scripts to its end. */
    Outcome script(String name, String... args) throws IOException, InterruptedException {
        return start(name, args).end();
    }

    /** Starts one of the project's scripts; {@code submit} runs the driver in that very process. */
    Running start(String name, String... args) throws IOException {
        Path out = folder.resolve("run-" + started.size() + ".out");
        Path err = folder.resolve("run-" + started.size() + ".err");
        ProcessBuilder process = new ProcessBuilder(
                Stream.concat(Stream.of(project.resolve("scripts").resolve(name).toString()), Stream.of(args))
                        .toList());
        process.environment()
                .putAll(Map.of(
                        "SPIKELET_CLUSTER_DIR", state().toString(), "JAVA_HOME", System.getProperty("java.home")));
        if (name.equals("submit")) {
            // A driver runs no kernels and gains nothing from a better compiler.
            process.environment()
                    .put(
                            "SPIKELET_JAVA_OPTS",
                            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -Xlog:gc:file=" + gcLog());
        } else if (name.equals("spikelet")) {
            process.environment().put("SPIKELET_JAVA_OPTS", "-Xmx1g");
        }
        Running running = new Running(
                name,
                process.redirectOutput(out.toFile()).redirectError(err.toFile()).start(),
                out,
                err);
        started.add(running);
        return running;
    }

    /** What the driver that was submitted last says of its heap. */
    Path gcLog() {
        return folder.resolve("driver-gc.log");
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

    /** The executors that are alive: the workers' children. */
    List<ProcessHandle> executors() {
        return executors("worker-\\d+");
    }

    /** Those of the workers with such names. */
    List<ProcessHandle> executors(String workers) {
        try (Stream<Path> files = Files.list(state())) {
            return files.filter(file -> file.getFileName().toString().matches(workers + "\\.pid"))
                    .sorted()
                    .flatMap(file -> ProcessHandle.of(read(file)).stream())
                    .flatMap(ProcessHandle::children)
                    .filter(ProcessHandle::isAlive)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long read(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the scripts that still run, drivers above all. */
    void endScripts() {
        started.forEach(running -> running.process().destroyForcibly());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        endScripts();
        script("cluster", "down");
    }
}
