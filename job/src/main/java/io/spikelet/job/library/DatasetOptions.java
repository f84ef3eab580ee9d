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

/**
 * The options that completions and scores of a Dataset share: the roles of its columns, the limits of a row, the number of
 * partitions. Every method changes this object and returns it. Not thread-safe.
 *
 * @param <T> the options as a whole
 */
public abstract sealed class DatasetOptions<T extends DatasetOptions<T>> permits Generation, Scoring {
    /** Name of the input in error messages. */
    static final String NAME = "(a Dataset)";

    private final String textColumn;
    private Optional<String> idColumn = Optional.empty();
    private List<String> droppedColumns = List.of();
    private RowLimits limits = RowLimits.NONE;
    private OptionalInt partitions = OptionalInt.empty();

    DatasetOptions(String textColumn) {
        this.textColumn = textColumn;
    }

    abstract T self();

    /** The column with unique row ids; {@value InputSpec#DEFAULT_ID_COLUMN} where there is one, else a hash of the row. */
    public T idColumn(String name) {
        idColumn = Optional.of(name);
        return self();
    }

    /** Columns that are not copied to the output. */
    public T dropColumns(String... names) {
        droppedColumns = List.of(names);
        return self();
    }

    /** In how many partitions the rows are processed; by default one for each core. Results do not depend on it. */
    public T partitions(int number) {
        if (number < 1) {
            throw new UsageException("partitions is " + number + "; it must be at least 1");
        }
        partitions = OptionalInt.of(number);
        return self();
    }

    /** A text with more tokens becomes an error; those of a prompt include BOS. */
    public T maxPromptTokens(int tokens) {
        limits = limits.withPromptTokens(tokens);
        return self();
    }

    /** A text with more bytes becomes an error before it is tokenized; 4 MiB by default. */
    public T maxRowBytes(long bytes) {
        limits = limits.withRowBytes(bytes);
        return self();
    }

    /** A row that takes longer becomes an error; depends on the machine. */
    public T rowTimeout(double seconds) {
        limits = limits.withTimeout(seconds);
        return self();
    }

    RowLimits limits() {
        return limits;
    }

    /** Every row with its id; lazy. */
    InputRows rows(Dataset<Row> data, RequestSpec requests) {
        return InputReader.of(
                data,
                new InputSpec(
                        NAME, Optional.empty(), textColumn, idColumn, droppedColumns, OptionalLong.empty(), requests));
    }

    int partitions(Dataset<Row> data) {
        return partitions.orElseGet(() -> data.sparkSession().sparkContext().defaultParallelism());
    }
}
