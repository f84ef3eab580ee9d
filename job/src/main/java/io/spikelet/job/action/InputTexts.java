package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.plan.InputFormat;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.report.Report;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Texts of documents from the input of the run, if the input has not changed since. */
record InputTexts(SparkSession spark) implements Report.Texts {
    /** A larger input is not read again for a page. */
    private static final long MOST_ROWS = 100_000;

    private static final Logger LOG = LogManager.getLogger(InputTexts.class);

    @Override
    public Map<String, String> of(Row run, List<Row> rows) {
        if (rows.isEmpty() || run.<Long>getAs("rows") > MOST_ROWS) {
            return Map.of();
        }
        try {
            return read(new ObjectMapper().readTree(run.<String>getAs("configuration")), rows);
        } catch (Exception e) { // a page without excerpts is better than none, whatever became of the input
            LOG.info("no excerpts of the documents: their input cannot be read again: {}", e.getMessage());
            return Map.of();
        }
    }

    private Map<String, String> read(JsonNode options, List<Row> rows) {
        Set<String> wanted = new HashSet<>();
        Set<String> contents = new HashSet<>();
        for (Row row : rows) {
            wanted.add(row.getAs("row_id"));
            contents.add(row.getAs("content_sha256"));
        }
        List<String> dropped = new ArrayList<>();
        options.path("drop-columns").forEach(name -> dropped.add(name.asText()));
        InputSpec spec = new InputSpec(
                options.get("input").asText(),
                text(options, "format").map(InputFormat::named),
                text(options, "text-column").orElse("text"),
                text(options, "id-column"),
                dropped,
                text(options, "limit").stream().mapToLong(Long::parseLong).findFirst(),
                RequestSpec.NONE);
        Map<String, String> found = new HashMap<>();
        InputReader.read(spark, spec)
                .partitioned(spark.sparkContext().defaultParallelism())
                .where(col("row_id")
                        .isInCollection(wanted)
                        .and(col("content_sha256").isInCollection(contents)))
                .select("row_id", InputRows.TEXT)
                .collectAsList()
                .forEach(row -> found.put(row.getString(0), row.getString(1)));
        return found;
    }

    private static Optional<String> text(JsonNode options, String name) {
        JsonNode value = options.path(name);
        return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
    }
}
