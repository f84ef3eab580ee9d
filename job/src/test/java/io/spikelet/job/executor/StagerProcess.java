package io.spikelet.job.executor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A JVM that leases a model from a node's cache, says how it came by it, and holds it until its standard input ends. */
final class StagerProcess implements AutoCloseable {
    static final String DOWNLOADED = "downloaded";
    static final String FOUND = "found";

    private final Process process;
    private final BufferedReader out;

    private StagerProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static StagerProcess start(Path root, long limitBytes, ModelHandle handle, Path log, boolean hangs)
            throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                StagerProcess.class.getName(),
                root.toString(),
                Long.toString(limitBytes),
                handle.uri().toString(),
                handle.manifestSha256(),
                log.toString(),
                Boolean.toString(hangs));
        return new StagerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** How it came by the model; waits until it has. */
    String outcome() throws IOException {
        return out.readLine();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws IOException {
        NodeCache cache = new NodeCache(
                new NodeCacheSettings(Path.of(args[0]), Long.parseLong(args[1])),
                CountedFileSystem.configuration(Path.of(args[4]), Boolean.parseBoolean(args[5])));
        try (StagedModel staged = cache.lease(new ModelHandle(URI.create(args[2]), args[3]))) {
            System.out.println(staged.downloaded() ? DOWNLOADED : FOUND);
            System.in.readAllBytes();
        }
    }
}
