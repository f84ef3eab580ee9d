package io.spikelet.job.plan;

import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.udf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.job.schema.Columns;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/** The override columns of a row as one JSON object without nulls. */
final class OverrideColumns implements UDF1<Row, String> {
    private static final long serialVersionUID = 1L;
    /** The list of texts; the others have numbers. */
    private static final String STOP = "stop";
    /** Options that are lists. */
    private static final Set<String> LISTS = Set.of(STOP, "stop_ids", "banned_ids");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private OverrideColumns() {}

    /** @param isText whether the columns have texts alone, so that a list is a JSON array in a text */
    static Column json(List<String> names, boolean isText) {
        Column columns = struct(Columns.named(names));
        return isText
                ? udf(new OverrideColumns(), DataTypes.StringType).apply(columns)
                : to_json(columns, PromptTemplate.JSON_OPTIONS);
    }

    @Override
    public String call(Row texts) {
        ObjectNode overrides = JSON.createObjectNode();
        String[] names = texts.schema().fieldNames();
        for (int i = 0; i < names.length; i++) {
            if (!texts.isNullAt(i)) {
                overrides.set(names[i], value(names[i], texts.getString(i)));
            }
        }
        return overrides.toString();
    }

    /** Text that begins with a bracket but is not a JSON array, or one of no stops, is a text. */
    private static JsonNode value(String name, String text) {
        if (LISTS.contains(name) && text.startsWith("[")) {
            try {
                JsonNode list = JSON.readTree(text);
                if (list.isArray() && (!name.equals(STOP) || list.valueStream().allMatch(JsonNode::isTextual))) {
                    return list;
                }
            } catch (JsonProcessingException e) {
                return JSON.getNodeFactory().textNode(text);
            }
        }
        return JSON.getNodeFactory().textNode(text);
    }
}
