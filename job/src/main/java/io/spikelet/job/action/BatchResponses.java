package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;

import io.spikelet.job.plan.BatchFiles;
import io.spikelet.job.task.ResponseLines;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** The completions of an OpenAI batch file as such a file of responses, beside the tables. */
final class BatchResponses {
    /** The file, a line for each request in the order of the requests. */
    static final String FILE = "responses.jsonl";

    private BatchResponses() {}

    static void write(Run run, Dataset<Row> completions) throws IOException {
        List<String> order = List.of(BatchFiles.PROMPT_INDEX, "sample_index");
        Column[] sample = Stream.concat(
                        order.stream(), Stream.of(completions.columns()).filter(name -> !order.contains(name)))
                .map(name -> col(name))
                .toArray(Column[]::new);
        ResponseLines task = new ResponseLines(
                run.broadcastHandle(),
                run.id(),
                run.request().model().toString(),
                run.startedAt().getEpochSecond());
        Iterator<String> lines = completions
                .groupBy(
                        col(BatchFiles.LINE),
                        coalesce(col(BatchFiles.ID), col("row_id")).as("request"))
                .agg(sort_array(collect_list(struct(sample))).as(ResponseLines.SAMPLES))
                .orderBy(BatchFiles.LINE, "request")
                .mapPartitions(task, Encoders.STRING())
                .toLocalIterator();
        Path file = new Path(run.output().table(FILE));
        try (BufferedWriter out = new BufferedWriter(new OutputStreamWriter(
                file.getFileSystem(run.spark().sparkContext().hadoopConfiguration())
                        .create(file, false),
                StandardCharsets.UTF_8))) {
            while (lines.hasNext()) {
                out.write(lines.next());
                out.write('\n');
            }
        }
    }
}
