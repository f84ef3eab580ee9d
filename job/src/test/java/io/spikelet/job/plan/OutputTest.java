package io.spikelet.job.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;

/** Tests of outputs in a local folder, with rows that are a text. */
abstract class OutputTest {
    static final RunState JOB = new RunState("run-1", 1, 1, Map.of("seed", "1"), 0, 1);
    static final ShardCommit COMMIT = new ShardCommit(
            Ledger.ATTEMPT + "=1/0", 1, 0, 5, 7, 5, 6, 1.5, 1.25, "0", "host", "25", "jvm", "cpu", "scalar");

    @TempDir
    Path folder;

    void publish(Path target) throws IOException {
        try (OutputDirectory output = reserve(target, false)) {
            write(output.table("one"));
            output.publish();
        }
    }

    OutputDirectory reserve(Path target, boolean resume) {
        return reserve(target, folder.resolve("no-input").toString(), resume);
    }

    static OutputDirectory reserve(Path target, String input, boolean resume) {
        return OutputDirectory.reserve(target.toString(), List.of(input), resume, new Configuration());
    }

    /** A file of rows, as a task leaves it. */
    static void row(OutputDirectory output, String name) throws IOException {
        Files.writeString(Files.createDirectories(path(output.ledger().rows(1))).resolve(name), "rows");
    }

    static void commit(OutputDirectory output) throws IOException {
        row(output, "0");
        output.ledger().append(List.of(COMMIT));
    }

    /** What makes a folder an output of a run. */
    static void mark(Path target, String id) throws IOException {
        Files.writeString(Files.createDirectories(target).resolve("_spikelet.json"), "{\"id\": \"" + id + "\"}");
    }

    static void write(String table) throws IOException {
        Files.writeString(Files.createDirectories(path(table)).resolve("part"), "rows");
    }

    static Path path(String uri) {
        return Path.of(new org.apache.hadoop.fs.Path(uri).toUri().getPath());
    }

    static List<Path> beside(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            return files.toList();
        }
    }
}
