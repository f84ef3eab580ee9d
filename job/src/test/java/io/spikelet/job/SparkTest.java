package io.spikelet.job;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.Scheme;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.sql.ResultDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests on a real Spark, local[2], that all of them share: the session ends with the JVM. */
public abstract class SparkTest {
    @TempDir
    protected Path folder;

    /** The session that {@code local[2]} tests share. */
    protected static SparkSession spark;

    @BeforeAll
    static void openSession() {
        spark = new SparkSettings(Optional.of("local[2]"), Map.of("spark.sql.shuffle.partitions", "2"))
                .open("tests")
                .spark();
    }

    /** The folder that holds {@code engine} and {@code job}. */
    protected static Path projectRoot() {
        Path start = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        for (Path candidate = start; candidate != null; candidate = candidate.getParent()) {
            if (Files.isDirectory(candidate.resolve("engine")) && Files.isDirectory(candidate.resolve("job"))) {
                return candidate;
            }
        }
        throw new IllegalStateException("no folder above " + start + " holds both engine and job");
    }

    /** The bundled model. */
    protected static Path model() {
        return projectRoot().resolve("datasets/models/tiny");
    }

    /**
     * A bundled model by its name, or a synthesized one by its preset's, with a bundled tokenizer; {@code -w8a8} behind the
     * preset's name gives it that scheme.
     */
    protected Path modelDirectory(String name) {
        Path models = projectRoot().resolve("datasets/models");
        if (Files.isDirectory(models.resolve(name))) {
            return models.resolve(name);
        }
        boolean isRounded = name.endsWith("-" + Scheme.W8A8.label());
        String preset = isRounded ? name.substring(0, name.lastIndexOf('-')) : name;
        Path directory = folder.resolve("model-" + name);
        Synthesizer.synthesize(
                Families.mappings().preset(preset),
                5,
                isRounded ? Scheme.W8A8 : Scheme.W8A32,
                Optional.of(models.resolve(Files.isDirectory(models.resolve(preset)) ? preset : "tiny-bispikclm")),
                directory,
                line -> {});
        return directory;
    }

    /** The digest of a table's rows. */
    protected static String digest(Dataset<Row> table) {
        Row sums = table.select(ResultDigest.hash(table).as("hash"))
                .agg(functions.lit(0), ResultDigest.sums(functions.col("hash")))
                .head();
        return ResultDigest.of(ResultDigest.words(sums, 1));
    }

    /** Writes lines of UTF-8 into the test's folder. */
    protected Path write(String name, String... lines) {
        return write(name, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Writes bytes into the test's folder. */
    protected Path write(String name, byte[] bytes) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of a table that a run wrote. */
    protected static Dataset<Row> table(Path output, String name) {
        return spark.read().parquet(output.resolve(name).toString());
    }

    /** All rows of some columns, in order of all of them. */
    protected static List<Row> rows(Dataset<Row> table, String... columns) {
        Column[] selected = Stream.of(columns).map(functions::col).toArray(Column[]::new);
        return table.select(selected).orderBy(selected).collectAsList();
    }
}
