package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.CODE;
import static io.spikelet.job.report.Markup.Look.KEY;
import static j2html.TagCreator.h3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.report.Markup.Heading;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;

/** What ran, on what. */
final class ConfigurationSection {
    private static final Set<String> ELSEWHERE = Set.of("configuration", "fingerprint");

    private ConfigurationSection() {}

    static Section of(Row run) {
        List<List<String>> options = new ArrayList<>();
        configuration(run)
                .properties()
                .forEach(option -> options.add(List.of(option.getKey(), text(option.getValue()))));
        List<List<String>> record = new ArrayList<>();
        for (StructField field : run.schema().fields()) {
            Object value = run.getAs(field.name());
            if (!ELSEWHERE.contains(field.name()) && !(field.dataType() instanceof ArrayType) && value != null) {
                record.add(List.of(field.name(), value.toString()));
            }
        }
        List<Heading> columns = List.of(new Heading("name", KEY), new Heading("value", CODE));
        return Section.of(
                "configuration",
                "Configuration",
                h3("Options, with all defaults"),
                Markup.grid(columns, options),
                h3("The run's record"),
                Markup.grid(columns, record));
    }

    private static JsonNode configuration(Row run) {
        try {
            return new ObjectMapper().readTree(run.<String>getAs("configuration"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the configuration in the runs table is not JSON", e);
        }
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "–" : value.isValueNode() ? value.asText() : value.toString();
    }
}
