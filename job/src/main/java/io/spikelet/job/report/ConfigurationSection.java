package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.CODE;
import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.MESSAGE;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.Redaction;
import io.spikelet.job.UsageException;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;

/** The configuration and the environment of a run. */
final class ConfigurationSection {
    private static final String TITLE = "Configuration";
    private static final Set<String> ELSEWHERE = Set.of("configuration", "fingerprint");
    private static final List<Field<Map.Entry<String, String>>> FIELDS =
            List.of(new Field<>("name", KEY, Map.Entry::getKey), new Field<>("value", CODE, Map.Entry::getValue));

    private ConfigurationSection() {}

    static Section of(Row run) {
        boolean hasExecutors = run.schema().getFieldIndex("executors").isDefined();
        return Section.of(
                "configuration",
                TITLE,
                h3("Options, with all defaults"),
                Markup.grid(FIELDS, options(run).entrySet()),
                h3("The run's record"),
                Markup.grid(FIELDS, record(run).entrySet()),
                hasExecutors ? each(h3("Executors"), executors(run)) : null);
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
        names.removeIf(name -> run.getOrDefault(name, "–").equals(baseline.getOrDefault(name, "–")) == different);
        if (names.isEmpty()) {
            return Markup.note("None.");
        }
        List<Field<String>> fields = List.of(
                new Field<>("name", KEY, name -> name),
                new Field<>(different ? "run" : "value", CODE, name -> run.getOrDefault(name, "–")),
                new Field<>("baseline", CODE, name -> baseline.getOrDefault(name, "–")));
        return Markup.grid(different ? fields : fields.subList(0, 2), names);
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
        List<Field<Row>> fields = new ArrayList<>();
        for (String name : executors.getFirst().schema().fieldNames()) {
            fields.add(new Field<>(name, MESSAGE, row -> String.valueOf(row.<Object>getAs(name))));
        }
        return Markup.grid(fields, executors);
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "–" : Redaction.addresses(value.isValueNode() ? value.asText() : value.toString());
    }
}
