package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** The sections of a page, depending on the tables: first the results, then the costs, then the configuration. */
final class NarrativeSections {
    private final RunTables results;
    private final List<String> groupBy;
    private final Report.Texts texts;
    private final boolean isShown;
    private final List<Section> sections = new ArrayList<>();

    private NarrativeSections(RunTables results, List<String> groupBy, Report.Texts texts) {
        this.results = results;
        this.groupBy = groupBy;
        this.texts = texts;
        this.isShown = texts != Report.Texts.HIDDEN;
    }

    /**
     * The sections about a run, or about what it left of each kind of table; none if there is nothing to tell.
     *
     * @param groupBy columns of completions or comparisons that make groups; empty to find one
     */
    static List<Section> of(RunTables results, Row run, List<String> groupBy, Report.Texts texts) {
        NarrativeSections narrative = new NarrativeSections(results, groupBy, texts);
        CostSections cost = new CostSections(run, results.table(Tables.SHARDS));
        results.table(Tables.COMPLETIONS).ifPresent(table -> narrative.completions(table.cache(), cost));
        results.table(Tables.DOCUMENT_SCORES).ifPresent(table -> narrative.scores(table.cache(), run, cost));
        results.table(Tables.CHOICE_SCORES).ifPresent(table -> narrative.choices(table.cache(), cost));
        results.table(Tables.DOCUMENT_COMPARISONS)
                .ifPresent(table -> narrative.comparisons(table.cache(), run, Optional.of(cost)));
        if (!narrative.sections.isEmpty()) {
            narrative.sections.add(ConfigurationSection.of(run));
        }
        return List.copyOf(narrative.sections);
    }

    /** The sections about two finished runs that were compared, of which no task is known. */
    static List<Section> ofPair(RunTables results, Row run, Row baseline, List<String> groupBy, Report.Texts texts) {
        NarrativeSections narrative = new NarrativeSections(results, groupBy, texts);
        results.table(Tables.DOCUMENT_COMPARISONS)
                .ifPresent(table -> narrative.comparisons(table.cache(), run, Optional.empty()));
        narrative.sections.add(ConfigurationSection.of(run, baseline));
        return List.copyOf(narrative.sections);
    }

    private void completions(Dataset<Row> table, CostSections cost) {
        CompletionSections numbers = new CompletionSections(table, groupBy);
        CompletionTexts texts = new CompletionTexts(table, isShown);
        sections.addAll(List.of(
                numbers.headline(cost.cards()),
                texts.completions(),
                ErrorSection.of(table, Tables.COMPLETIONS_COLUMNS, "rows", isShown),
                numbers.groups(),
                texts.likelihood(numbers.perplexity()),
                texts.documents(),
                numbers.firing(),
                cost.throughput(),
                cost.stragglers()));
        table.unpersist();
    }

    private void scores(Dataset<Row> table, Row run, CostSections cost) {
        refuseGroups();
        List<String> protocols = protocols(table, run);
        EvaluationSections numbers = new EvaluationSections(table, results.table(Tables.SUMMARY), protocols);
        DocumentSections documents =
                new DocumentSections(table, results.table(Tables.TOKEN_SCORES), protocols, texts(run));
        sections.addAll(List.of(
                numbers.headline(cost.cards()),
                ErrorSection.of(byDocument(table), Tables.DOCUMENT_SCORES_COLUMNS, "documents", isShown),
                numbers.groups(),
                documents.documents(),
                documents.positions(),
                documents.firing(),
                cost.throughput(),
                cost.stragglers()));
        table.unpersist();
    }

    private void choices(Dataset<Row> table, CostSections cost) {
        refuseGroups();
        ChoiceSections numbers = new ChoiceSections(table, summary(Tables.CHOICE_SUMMARY));
        ChoiceItems items = new ChoiceItems(table, isShown);
        sections.addAll(List.of(
                numbers.headline(cost.cards()),
                ErrorSection.of(table, Tables.CHOICE_SCORES_COLUMNS, "items", isShown),
                numbers.groups(),
                items.answers(),
                items.extremes(),
                cost.throughput(),
                cost.stragglers()));
        table.unpersist();
    }

    private void comparisons(Dataset<Row> table, Row run, Optional<CostSections> cost) {
        Dataset<Row> summary = summary(Tables.COMPARISON_SUMMARY);
        ComparisonSections numbers = new ComparisonSections(table, summary, groupBy);
        ComparedDocuments documents = new ComparedDocuments(table, summary, numbers.protocol(), texts(run));
        sections.addAll(List.of(
                numbers.headline(cost.map(CostSections::cards).orElse(List.of())),
                ErrorSection.of(byDocument(table), Tables.DOCUMENT_COMPARISONS_COLUMNS, "documents", isShown),
                numbers.groups(),
                documents.changes(),
                documents.positions(),
                documents.extremes()));
        cost.ifPresent(known -> sections.addAll(List.of(known.throughput(), known.stragglers())));
        table.unpersist();
    }

    private DocumentTexts texts(Row run) {
        return new DocumentTexts(isShown, rows -> texts.of(run, rows));
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
        List<String> given = Arrays.asList(
                ConfigurationSection.option(run, "protocol").orElse("").split(","));
        List<String> protocols =
                new ArrayList<>(table.select("protocol").distinct().orderBy("protocol").collectAsList().stream()
                        .map(row -> row.getString(0))
                        .toList());
        List<String> ordered = new ArrayList<>(given);
        ordered.retainAll(protocols);
        protocols.removeAll(ordered);
        ordered.addAll(protocols);
        return ordered.isEmpty() ? List.of("document") : List.copyOf(ordered);
    }

    /** A document once, with an error if it has one under any protocol. */
    private static Dataset<Row> byDocument(Dataset<Row> table) {
        Column place = row_number()
                .over(Window.partitionBy("row_id").orderBy(col("error_class").asc_nulls_last(), col("protocol")));
        return table.withColumn("__place", place).where("__place = 1").drop("__place");
    }
}
