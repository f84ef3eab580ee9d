package io.spikelet.job.library;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.RowLimits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The roles of a Dataset's columns, the limits of a row, and the number of partitions. */
record Source(String text, Optional<String> id, List<String> dropped, RowLimits limits, OptionalInt partitions) {
    /** Name of the input in error messages. */
    static final String NAME = "(a Dataset)";

    Source {
        dropped = List.copyOf(dropped);
        if (partitions.isPresent() && partitions.getAsInt() < 1) {
            throw new UsageException("partitions is " + partitions.getAsInt() + "; it must be at least 1");
        }
    }

    static Source ofColumn(String text) {
        return new Source(text, Optional.empty(), List.of(), RowLimits.NONE, OptionalInt.empty());
    }

    Source withId(String name) {
        return new Source(text, Optional.of(name), dropped, limits, partitions);
    }

    Source withoutColumns(String... names) {
        return new Source(text, id, List.of(names), limits, partitions);
    }

    Source withTokenLimit(int tokens) {
        return new Source(text, id, dropped, limits.withPromptTokens(tokens), partitions);
    }

    Source withTimeout(double seconds) {
        return new Source(text, id, dropped, limits.withTimeout(seconds), partitions);
    }

    Source withByteLimit(long bytes) {
        return new Source(text, id, dropped, limits.withRowBytes(bytes), partitions);
    }

    Source withPartitions(int number) {
        return new Source(text, id, dropped, limits, OptionalInt.of(number));
    }

    /** Every row with its id; lazy. */
    InputRows rows(Dataset<Row> data, RequestSpec requests) {
        return InputReader.of(
                data, new InputSpec(NAME, Optional.empty(), text, id, dropped, OptionalLong.empty(), requests));
    }

    int partitions(Dataset<Row> data) {
        return partitions.orElseGet(() -> data.sparkSession().sparkContext().defaultParallelism());
    }
}
