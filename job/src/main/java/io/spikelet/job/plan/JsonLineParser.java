package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Reads a line of JSON into columns. A column of strings has the text of a string and, of any other value, the JSON as it
 * stands in the line.
 *
 * @param columns by their names in the lines
 * @param overrides names of columns whose JSON is wanted as it stands
 * @param isWide whether lines may have columns beside these
 */
record JsonLineParser(JsonLineCheck check, StructType columns, Set<String> overrides, boolean isWide)
        implements UDF1<String, Row> {
    /** A fault or null, the overrides as a JSON object or null, the columns by place, other columns as a JSON object or null. */
    StructType type() {
        StructType type = new StructType().add("fault", DataTypes.StringType).add("overrides", DataTypes.StringType);
        for (int i = 0; i < columns.size(); i++) {
            type = type.add("c" + i, columns.apply(i).dataType());
        }
        return type.add("others", DataTypes.StringType);
    }

    @Override
    public Row call(String line) {
        Object[] values = new Object[columns.size() + 3];
        String fault = check.call(line);
        values[0] = fault;
        if (fault == null || JsonLineCheck.isReadable(fault)) {
            try (JsonParser parser = JsonLineCheck.JSON.createParser(line)) {
                parser.nextToken();
                read(new Line(line, parser), values);
            } catch (IOException | NumberFormatException e) {
                values[0] = fault == null ? "the line does not fit the types of the other lines" : fault;
            }
        }
        return RowFactory.create(values);
    }

    private void read(Line line, Object[] values) throws IOException {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.apply(i).name(), i);
        }
        StringBuilder overridden = new StringBuilder();
        StringBuilder others = new StringBuilder();
        JsonParser parser = line.parser;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Integer place = places.get(name);
            JsonToken token = parser.nextToken();
            int from = line.from();
            if (place == null) {
                parser.skipChildren();
            } else {
                values[2 + place] = value(line, columns.apply(place.intValue()).dataType());
            }
            if (overrides.contains(name) && token != JsonToken.VALUE_NULL) {
                append(overridden, name, line.json(from));
            }
            if (place == null && isWide) {
                append(others, name, line.json(from));
            }
        }
        values[1] = overridden.isEmpty() ? null : overridden.append('}').toString();
        values[values.length - 1] = others.isEmpty() ? null : others.append('}').toString();
    }

    private static void append(StringBuilder object, String name, String json) {
        object.append(object.isEmpty() ? '{' : ',');
        object.append('"').append(JsonStringEncoder.getInstance().quoteAsString(name));
        object.append("\":").append(json);
    }

    /** The value that the parser stands at, which it then stands at the end of. */
    private static Object value(Line line, DataType type) throws IOException {
        JsonToken token = line.parser.currentToken();
        return switch (type) {
            case DataType _ when token == JsonToken.VALUE_NULL -> null;
            case StructType struct when token == JsonToken.START_OBJECT -> struct(line, struct);
            case ArrayType array when token == JsonToken.START_ARRAY -> array(line, array);
            case StringType _ -> text(line);
            case BooleanType _ when token.isBoolean() -> token == JsonToken.VALUE_TRUE;
            case LongType _ when token == JsonToken.VALUE_NUMBER_INT -> Long.parseLong(line.parser.getText());
            case DoubleType _ when token.isNumeric() -> Double.parseDouble(line.parser.getText());
            default -> throw new NumberFormatException("a value is not of the column's type");
        };
    }

    private static String text(Line line) throws IOException {
        if (!line.parser.currentToken().isStructStart()) {
            return line.parser.getText();
        }
        int from = line.from();
        line.parser.skipChildren();
        return line.json(from);
    }

    private static Row struct(Line line, StructType type) throws IOException {
        Object[] values = new Object[type.size()];
        String[] names = type.fieldNames();
        while (line.parser.nextToken() != JsonToken.END_OBJECT) {
            String name = line.parser.currentName();
            line.parser.nextToken();
            int place = Arrays.binarySearch(names, name); // inferred structs are in order of their names
            if (place < 0) {
                line.parser.skipChildren();
            } else {
                values[place] = value(line, type.apply(place).dataType());
            }
        }
        return RowFactory.create(values);
    }

    private static List<Object> array(Line line, ArrayType type) throws IOException {
        List<Object> elements = new ArrayList<>();
        while (line.parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(line, type.elementType()));
        }
        return elements;
    }

    /** A line with the parser that reads it. */
    private record Line(String text, JsonParser parser) {
        /** Where the value begins that the parser stands at. */
        int from() {
            return Math.toIntExact(parser.currentTokenLocation().getCharOffset());
        }

        /** The JSON from there to the end of what the parser has read. */
        String json(int from) throws IOException {
            parser.finishToken();
            return text.substring(from, Math.toIntExact(parser.currentLocation().getCharOffset()))
                    .strip();
        }
    }
}
