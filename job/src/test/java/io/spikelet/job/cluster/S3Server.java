package io.spikelet.job.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An S3 server as a process of its own, on a free port, with one bucket. */
final class S3Server implements AutoCloseable {
    private static final String BUCKET = "models";
    private static final long MOST_MINUTES = 2;
    private static final Pattern PORT = Pattern.compile("Tomcat started on ports \\d+ \\(https\\), (\\d+) \\(http\\)");
    private static final String READY = "Started S3MockApplication";

    private final Process process;
    private final int port;

    private S3Server(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static S3Server start(Path project, Path folder) throws IOException, InterruptedException {
        Path log = folder.resolve("s3.log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("s3")),
                        "-cp",
                        project.resolve("job/src/test/s3/server/target/jars") + "/*",
                        "com.adobe.testing.s3mock.S3MockApplication",
                        "--http.port=0",
                        "--server.port=0",
                        "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MOST_MINUTES);
        while (!Files.readString(log).contains(READY)) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IllegalStateException("the S3 server did not start: " + Files.readString(log));
            }
        }
        Matcher started = PORT.matcher(Files.readString(log));
        if (!started.find()) {
            process.destroyForcibly();
            throw new IllegalStateException("the S3 server does not name its port: " + Files.readString(log));
        }
        return new S3Server(process, Integer.parseInt(started.group(1)));
    }

    /** Stores the files of a directory; returns the URI of the copy. */
    String store(Path directory, String name) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient();
                Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                URI uri = URI.create(endpoint() + "/" + BUCKET + "/" + name + "/" + file.getFileName());
                HttpResponse<String> stored = client.send(
                        HttpRequest.newBuilder(uri)
                                .PUT(HttpRequest.BodyPublishers.ofFile(file))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (stored.statusCode() != 200) {
                    throw new IllegalStateException(uri + " answers " + stored.statusCode() + ": " + stored.body());
                }
            }
        }
        return "s3a://" + BUCKET + "/" + name;
    }

    /** Options of spark-submit with which a job reaches this server: Hadoop's client, address and credentials. */
    List<String> options(Path project) {
        return List.of(
                "--jars",
                project.resolve("job/src/test/s3/client/target/jars") + "/*.jar",
                "--conf",
                "spark.hadoop.fs.s3a.endpoint=" + endpoint(),
                "--conf",
                "spark.hadoop.fs.s3a.endpoint.region=us-east-1",
                "--conf",
                "spark.hadoop.fs.s3a.path.style.access=true",
                "--conf",
                "spark.hadoop.fs.s3a.access.key=anybody",
                "--conf",
                "spark.hadoop.fs.s3a.secret.key=anything");
    }

    private String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
