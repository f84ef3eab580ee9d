package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.CODE;
import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.MESSAGE;
import static j2html.TagCreator.h3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.Redaction;
import io.spikelet.job.UsageException;
import io.spikelet.job.report.Markup.Heading;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;

/** What ran, on what. */
final class ConfigurationSection {
    private static final String TITLE = "Configuration";
    private static final Set<String> ELSEWHERE = Set.of("configuration", "fingerprint");
    private static final List<Heading> COLUMNS = List.of(new Heading("name", KEY), new Heading("value", CODE));

    private ConfigurationSection() {}

    static Section of(Row run) {
        List<DomContent> parts = new ArrayList<>();
        parts.add(h3("Options, with all defaults"));
        parts.add(Markup.grid(COLUMNS, rows(options(run))));
        parts.add(h3("The run's record"));
        parts.add(Markup.grid(COLUMNS, rows(record(run))));
        if (Arrays.asList(run.schema().fieldNames()).contains("executors")) {
            parts.add(h3("Executors"));
            parts.add(executors(run));
        }
        return new Section("configuration", TITLE, parts);
    }

    /** Two runs that were compared, with what differs first. */
    static Section of(Row run, Row baseline) {
        return Section.of(
                "configuration",
                TITLE,
                h3("Options in which the runs differ"),
                beside(options(run), options(baseline), true),
                h3("Options that are the same"),
                beside(options(run), options(baseline), false),
                h3("The runs' records, where they differ"),
                beside(record(run), record(baseline), true));
    }

    /** The value of an option of a run, if it was given or has a default. */
    static Optional<String> option(Row run, String name) {
        return Optional.ofNullable(options(run).get(name));
    }

    private static DomContent beside(Map<String, String> run, Map<String, String> baseline, boolean different) {
        Set<String> names = new LinkedHashSet<>(run.keySet());
        names.addAll(baseline.keySet());
        List<List<String>> rows = names.stream()
                .map(name -> List.of(name, run.getOrDefault(name, "–"), baseline.getOrDefault(name, "–")))
                .filter(row -> row.get(1).equals(row.get(2)) != different)
                .map(row -> different ? row : row.subList(0, 2))
                .toList();
        if (rows.isEmpty()) {
            return Markup.note("None.");
        }
        return Markup.grid(
                different
                        ? List.of(new Heading("name", KEY), new Heading("run", CODE), new Heading("baseline", CODE))
                        : COLUMNS,
                rows);
    }

    private static Map<String, String> options(Row run) {
        Map<String, String> options = new LinkedHashMap<>();
        try {
            new ObjectMapper()
                    .readTree(run.<String>getAs("configuration"))
                    .properties()
                    .forEach(option -> options.put(option.getKey(), text(option.getValue())));
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "the table " + Tables.RUNS + " is damaged: the column configuration of run " + run.getAs("run_id")
                            + " is not JSON",
                    e);
        }
        return options;
    }

    private static Map<String, String> record(Row run) {
        Map<String, String> record = new LinkedHashMap<>();
        for (StructField field : run.schema().fields()) {
            Object value = run.getAs(field.name());
            if (!ELSEWHERE.contains(field.name())
                    && !field.name().equals(Tables.ROLE.name())
                    && !(field.dataType() instanceof ArrayType)
                    && value != null) {
                record.put(field.name(), Redaction.addresses(value.toString()));
            }
        }
        return record;
    }

    private static DomContent executors(Row run) {
        List<Row> executors = run.getList(run.fieldIndex("executors"));
        if (executors.isEmpty()) {
            return Markup.note("None worked for the run.");
        }
        StructField[] fields = executors.getFirst().schema().fields();
        return Markup.grid(
                Arrays.stream(fields)
                        .map(field -> new Heading(field.name(), MESSAGE))
                        .toList(),
                executors.stream()
                        .map(row -> Arrays.stream(fields)
                                .map(field -> String.valueOf(row.<Object>getAs(field.name())))
                                .toList())
                        .toList());
    }

    private static List<List<String>> rows(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> List.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "–" : Redaction.addresses(value.isValueNode() ? value.asText() : value.toString());
    }
}
