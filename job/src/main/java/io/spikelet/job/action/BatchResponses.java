package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;

import io.spikelet.job.plan.BatchFiles;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.task.ResponseLines;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Writes the completions of an OpenAI batch file as a response file, in addition to the tables. */
final class BatchResponses {
    /** The file, a line for each request in the order of the requests. */
    static final String FILE = "responses.jsonl";

    private BatchResponses() {}

    static void write(Run run, Dataset<Row> completions) {
        List<String> order = List.of(BatchFiles.PROMPT_INDEX, "sample_index");
        List<String> sample = Stream.concat(
                        order.stream(), Stream.of(completions.columns()).filter(name -> !order.contains(name)))
                .toList();
        ResponseLines task = new ResponseLines(
                run.handle(),
                run.id(),
                run.arguments().model().toString(),
                run.startedAt().getEpochSecond());
        String folder = run.output().scratch(FILE);
        completions
                .groupBy(
                        col(BatchFiles.FILE),
                        col(BatchFiles.LINE),
                        coalesce(col(BatchFiles.ID), col("row_id")).as("request"))
                .agg(sort_array(collect_list(struct(Columns.named(sample)))).as(ResponseLines.SAMPLES))
                .repartition(1) // one task writes the one file, in order
                .sortWithinPartitions(BatchFiles.FILE, BatchFiles.LINE, "request")
                .mapPartitions(task, Encoders.STRING())
                .write()
                .option("compression", "none")
                .text(folder);
        run.output().moveToTable(folder, FILE);
    }
}
