package io.spikelet.job.library;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which columns of a Dataset are text and row id, and in how many partitions it is worked on. */
record Source(String text, Optional<String> id, OptionalInt partitions) {
    /** How error messages call the input. */
    private static final String NAME = "(a Dataset)";

    Source {
        if (partitions.isPresent() && partitions.getAsInt() < 1) {
            throw new UsageException("partitions is " + partitions.getAsInt() + "; it must be at least 1");
        }
    }

    Source withId(String name) {
        return new Source(text, Optional.of(name), partitions);
    }

    Source withPartitions(int number) {
        return new Source(text, id, OptionalInt.of(number));
    }

    /** Every row with its id; lazy. */
    InputRows rows(Dataset<Row> data) {
        return InputReader.of(data, new InputSpec(NAME, Optional.empty(), text, id, List.of(), OptionalLong.empty()));
    }

    int partitions(Dataset<Row> data) {
        return partitions.orElseGet(() -> data.sparkSession().sparkContext().defaultParallelism());
    }
}
