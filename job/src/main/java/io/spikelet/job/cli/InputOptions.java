package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.InputFormat;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Which rows a command reads. */
final class InputOptions {
    @Option(
            names = "--input",
            required = true,
            paramLabel = "PATH",
            description = "A file, a directory or a glob of JSONL, Parquet, CSV or text.")
    private String path;

    @Option(
            names = "--format",
            paramLabel = "F",
            description = "jsonl, parquet, csv, text (a row per line), files (a row per file) or openai-batch"
                    + " (requests to /v1/completions; only for generate); default by extension.")
    private String format;

    @Option(
            names = "--id-column",
            paramLabel = "NAME",
            description = "Column with unique row ids; default " + InputSpec.DEFAULT_ID_COLUMN
                    + " if there is one, else a hash of the row.")
    private String idColumn;

    @Option(
            names = "--drop-columns",
            split = ",",
            paramLabel = "NAME",
            description = "Input columns that are not copied to the output.")
    private List<String> dropColumns = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "Read only the first N rows.")
    private Long limit;

    InputSpec spec(String textColumn, RequestSpec requests) {
        if (limit != null && limit < 1) {
            throw new UsageException("--limit is " + limit + "; it must be at least 1");
        }
        return new InputSpec(
                path,
                Optional.ofNullable(format).map(InputFormat::named),
                textColumn,
                Optional.ofNullable(idColumn),
                dropColumns,
                limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
                requests);
    }
}
