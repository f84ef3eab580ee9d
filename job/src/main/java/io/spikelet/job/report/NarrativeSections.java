package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** The sections of a page, depending on the tables: first the results, then the costs, then the configuration. */
final class NarrativeSections {
    private final RunTables results;
    private final Row run;
    private final Optional<CostSections> cost;
    private final List<String> groupBy;
    private final DocumentTexts texts;
    private final List<Section> sections = new ArrayList<>();

    private NarrativeSections(
            RunTables results, Row run, Optional<CostSections> cost, List<String> groupBy, Report.Texts texts) {
        this.results = results;
        this.run = run;
        this.cost = cost;
        this.groupBy = groupBy;
        this.texts = new DocumentTexts(texts != Report.Texts.HIDDEN, rows -> texts.of(run, rows));
    }

    /**
     * The sections about a run, or about what it left of each kind of table; none if there is nothing to tell.
     *
     * @param groupBy columns of completions or comparisons that make groups; empty to find one
     */
    static List<Section> of(RunTables results, Row run, List<String> groupBy, Report.Texts texts) {
        CostSections cost = new CostSections(run, results.table(Tables.SHARDS));
        NarrativeSections narrative = new NarrativeSections(results, run, Optional.of(cost), groupBy, texts);
        narrative.tell(Tables.COMPLETIONS, narrative::completions);
        narrative.tell(Tables.DOCUMENT_SCORES, narrative::scores);
        narrative.tell(Tables.CHOICE_SCORES, narrative::choices);
        narrative.tell(Tables.DOCUMENT_COMPARISONS, narrative::comparisons);
        if (!narrative.sections.isEmpty()) {
            narrative.sections.add(ConfigurationSection.of(run));
        }
        return List.copyOf(narrative.sections);
    }

    /** The sections about two finished runs that were compared, of which no task is known. */
    static List<Section> ofPair(RunTables results, Row run, Row baseline, List<String> groupBy, Report.Texts texts) {
        NarrativeSections narrative = new NarrativeSections(results, run, Optional.empty(), groupBy, texts);
        narrative.tell(Tables.DOCUMENT_COMPARISONS, narrative::comparisons);
        narrative.sections.add(ConfigurationSection.of(run, baseline));
        return List.copyOf(narrative.sections);
    }

    /** Adds the sections about a table, if there is one, and about what it cost. */
    private void tell(String name, Function<Dataset<Row>, List<Section>> kind) {
        results.table(name).ifPresent(table -> {
            sections.addAll(kind.apply(table.cache()));
            cost.ifPresent(known -> sections.addAll(List.of(known.throughput(), known.stragglers())));
            table.unpersist();
        });
    }

    private List<Section> completions(Dataset<Row> table) {
        CompletionSections numbers = new CompletionSections(table, groupBy);
        CompletionTexts completions = new CompletionTexts(table, texts.isShown());
        return List.of(
                numbers.headline(costs()),
                completions.completions(),
                ErrorSection.of(table, Tables.COMPLETIONS_COLUMNS, "rows", texts.isShown()),
                numbers.groups(),
                completions.likelihood(numbers.perplexity()),
                completions.documents(),
                numbers.firing());
    }

    private List<Section> scores(Dataset<Row> table) {
        refuseGroups();
        List<String> protocols = protocols(table, run);
        EvaluationSections numbers = new EvaluationSections(table, results.table(Tables.SUMMARY), protocols);
        DocumentSections documents = new DocumentSections(table, results.table(Tables.TOKEN_SCORES), protocols, texts);
        return List.of(
                numbers.headline(costs()),
                ErrorSection.of(byDocument(table), Tables.DOCUMENT_SCORES_COLUMNS, "documents", texts.isShown()),
                numbers.groups(),
                documents.documents(),
                documents.positions(),
                documents.firing());
    }

    private List<Section> choices(Dataset<Row> table) {
        refuseGroups();
        ChoiceSections numbers = new ChoiceSections(table, summary(Tables.CHOICE_SUMMARY));
        ChoiceItems items = new ChoiceItems(table, texts.isShown());
        return List.of(
                numbers.headline(costs()),
                ErrorSection.of(table, Tables.CHOICE_SCORES_COLUMNS, "items", texts.isShown()),
                numbers.groups(),
                items.answers(),
                items.extremes());
    }

    private List<Section> comparisons(Dataset<Row> table) {
        Dataset<Row> summary = summary(Tables.COMPARISON_SUMMARY);
        ComparisonSections numbers = new ComparisonSections(table, summary, groupBy);
        ComparedDocuments documents = new ComparedDocuments(table, summary, numbers.protocol(), texts);
        return List.of(
                numbers.headline(costs()),
                ErrorSection.of(byDocument(table), Tables.DOCUMENT_COMPARISONS_COLUMNS, "documents", texts.isShown()),
                numbers.groups(),
                documents.changes(),
                documents.positions(),
                documents.extremes());
    }

    private List<DomContent> costs() {
        return cost.map(CostSections::cards).orElse(List.of());
    }

    /** Groups of a summary are there already. */
    private void refuseGroups() {
        if (!groupBy.isEmpty()) {
            throw new UsageException("--group-by is for completions and compared documents; the groups of this run are "
                    + "those of its own --group-by");
        }
    }

    private Dataset<Row> summary(String name) {
        return results.table(name)
                .orElseThrow(() -> new UsageException(
                        "there is no table " + name + " beside the scores; give the whole --output of the run"));
    }

    /** Those of the table, in the order in which the run was given them. */
    private static List<String> protocols(Dataset<Row> table, Row run) {
        List<String> given =
                List.of(ConfigurationSection.option(run, "protocol").orElse("").split(","));
        List<String> found = table.select("protocol").distinct().orderBy("protocol").collectAsList().stream()
                .map(row -> row.getString(0))
                .toList();
        List<String> ordered = Stream.concat(given.stream().filter(found::contains), found.stream())
                .distinct()
                .toList();
        return ordered.isEmpty() ? List.of("document") : ordered;
    }

    /** A document once, with an error if it has one under any protocol. */
    private static Dataset<Row> byDocument(Dataset<Row> table) {
        Column place = row_number()
                .over(Window.partitionBy("row_id").orderBy(col("error_class").asc_nulls_last(), col("protocol")));
        return table.withColumn("__place", place).where("__place = 1").drop("__place");
    }
}
