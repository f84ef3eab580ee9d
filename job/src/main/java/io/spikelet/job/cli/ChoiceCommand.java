package io.spikelet.job.cli;

import io.spikelet.job.action.ChoiceJob;
import io.spikelet.job.action.ChoiceOptions;
import io.spikelet.job.action.Fewshot;
import io.spikelet.job.action.PrintedTable;
import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.ChoiceTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Multiple choice by log-likelihood. */
@Command(
        name = "choice",
        description =
                "Answers multiple-choice items by the likelihood of each choice; writes the tables choice_scores, "
                        + "choice_summary and runs as Parquet and prints the summary.",
        footer = {
            "",
            "Accuracies are those of lm-evaluation-harness: acc, acc_norm (by characters) and acc_bytes, each",
            "with a standard error. An item that does not match its task becomes a row with an error.",
            "Example:",
            "  spikelet choice --model datasets/models/tiny --task piqa --input datasets/choice/piqa.jsonl \\",
            "      --output out",
        })
final class ChoiceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Option(
            names = "--task",
            required = true,
            paramLabel = "NAME|FILE",
            description =
                    "The name of a task in conf/tasks, such as piqa, or the path of a task file; list prints the names.")
    private String task;

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "NAME",
            description = "Input columns whose values define the groups of the summary.")
    private List<String> groupBy = new ArrayList<>();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Most input tokens, of which a longer context loses its beginning; default the model's "
                    + "max_seq_len.")
    private Integer context;

    @Option(
            names = "--prefix",
            paramLabel = "P",
            defaultValue = ChoiceOptions.DEFAULT_PREFIX,
            description = "Position of BOS: only in an empty context (empty, as in the harness), or before every "
                    + "context (every); default ${DEFAULT-VALUE}.")
    private String prefix;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "64",
            description = "Token positions that a task advances in one pass; default ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--num-fewshot",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Examples with their answers before each item, the same for all items; default ${DEFAULT-VALUE}.")
    private int fewshot;

    @Option(
            names = "--fewshot-seed",
            paramLabel = "N",
            defaultValue = "" + Fewshot.DEFAULT_SEED,
            description = "Seed of the draw of examples; default ${DEFAULT-VALUE}.")
    private long fewshotSeed;

    @Option(
            names = "--fewshot-split",
            paramLabel = "FILE",
            description = "Items to draw the examples from, in the format of --input but not from it; default the file "
                    + "that the task names as fewshot_split, in the folder of --input.")
    private String fewshotSplit;

    /** Whether the names of the tasks are asked for, for which no other option is needed. */
    boolean listsTasks() {
        return "list".equals(task);
    }

    @Override
    public Integer call() {
        if (listsTasks()) {
            TaskFiles.list(spec.commandLine().getOut());
            return ExitStatus.DONE;
        }
        ChoiceTask parsed = TaskFiles.read(task);
        OptionalInt most = context == null ? OptionalInt.empty() : OptionalInt.of(context);
        ChoiceOptions options = new ChoiceOptions(
                parsed,
                most,
                prefix,
                groupBy,
                batchSize,
                new Fewshot(fewshot, fewshotSeed, Optional.ofNullable(fewshotSplit)));
        return run.run(new ChoiceJob(options), parsed.text(), summary(parsed));
    }

    /** The table without the measures that the task does not have. */
    private static PrintedTable summary(ChoiceTask task) {
        return new PrintedTable(Tables.CHOICE_SUMMARY, summary -> {
            Dataset<Row> shown = summary.drop("run_id");
            if (!task.isCloze()) {
                shown = shown.drop("perplexity", "perplexity_stderr");
            }
            if (!task.normalized()) {
                shown = shown.drop("acc_norm", "acc_norm_stderr", "acc_bytes", "acc_bytes_stderr");
            }
            return shown.orderBy(Columns.named(List.of(shown.columns())));
        });
    }
}
