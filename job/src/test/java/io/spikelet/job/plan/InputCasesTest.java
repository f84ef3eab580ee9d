package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Row;

/** Files as people have them: the fixtures in {@code cases}, and others of their kinds. */
abstract class InputCasesTest extends SparkTest {
    static Path fixture(String name) {
        return projectRoot().resolve("job/src/test/resources/cases").resolve(name);
    }

    static InputSpec spec(Path path) {
        return spec(path.toString());
    }

    static InputSpec spec(String path) {
        return new InputSpec(
                path, Optional.empty(), "prompt", Optional.empty(), List.of(), OptionalLong.empty(), RequestSpec.NONE);
    }

    static InputSpec dropping(Path path, String... columns) {
        return new InputSpec(
                path.toString(),
                Optional.empty(),
                "prompt",
                Optional.empty(),
                List.of(columns),
                OptionalLong.empty(),
                RequestSpec.NONE);
    }

    static InputSpec limited(Path path, long rows) {
        return new InputSpec(
                path.toString(),
                Optional.empty(),
                "prompt",
                Optional.empty(),
                List.of(),
                OptionalLong.of(rows),
                RequestSpec.NONE);
    }

    static InputSpec of(Path path, InputFormat format) {
        return new InputSpec(
                path.toString(),
                Optional.of(format),
                "prompt",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
    }

    static InputSpec overriding(Path path, String... columns) {
        return new InputSpec(
                path.toString(),
                Optional.empty(),
                "prompt",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                new RequestSpec(Optional.empty(), List.of(columns), 1, false));
    }

    static InputRows read(InputSpec spec) {
        return InputReader.read(spark, spec);
    }

    /** The rows in order of these columns, each as one text. */
    static List<String> texts(InputSpec spec, String... columns) {
        return rows(read(spec).partitioned(1), columns).stream()
                .map(row -> row.mkString("|"))
                .toList();
    }

    static List<String> ids(InputSpec spec) {
        return rows(read(spec).partitioned(1), "row_id").stream()
                .map(row -> row.getString(0))
                .toList();
    }

    static Row only(InputSpec spec, String... columns) {
        List<Row> rows = rows(read(spec).partitioned(1), columns);
        assertThat(rows).hasSize(1);
        return rows.getFirst();
    }

    static void assertRefused(InputSpec spec, String... parts) {
        assertThatThrownBy(() -> read(spec)).isInstanceOf(UsageException.class).hasMessageContainingAll(parts);
    }
}
