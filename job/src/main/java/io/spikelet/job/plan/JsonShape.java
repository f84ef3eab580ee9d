package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.spikelet.job.schema.FoldedName;
import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The kinds of JSON values seen at one place of the lines of an input: what its column type is made of. Bounded: values that
 * nest deeper than {@value #MOST_LEVELS} levels, and columns of more than {@value #MOST_FIELDS} fields on all levels, are not
 * looked into and stay JSON text. Shapes can be merged in any order. Not thread-safe.
 */
final class JsonShape implements Serializable {
    /** Levels of objects and arrays that become structs and arrays. */
    static final int MOST_LEVELS = 16;

    /** Fields of a column, or columns of an input, that become fields or columns of their own. */
    static final int MOST_FIELDS = 1000;

    private static final long serialVersionUID = 1L;

    private static final int BOOLEAN = 1;
    private static final int STRING = 2;
    private static final int SMALL_INTEGER = 4; // a double holds it exactly
    private static final int INTEGER = 8;
    private static final int DOUBLE = 16;
    private static final int LONG_NUMBER = 32; // neither a long nor a double holds it
    private static final int OBJECT = 64;
    private static final int ARRAY = 128;
    private static final int TEXT = 256; // beyond a bound

    private static final long EXACT_IN_DOUBLE = 1L << 53;
    private static final int EXACT_DIGITS = 15;
    private static final int MOST_DIGITS = 40;

    private int kinds;
    private int size; // fields on all levels below
    private Map<String, JsonShape> fields = new TreeMap<>();
    private JsonShape element;

    /** Takes in the value that the parser stands at, to its end. */
    void add(JsonParser parser) throws IOException {
        add(parser, 0);
        bound();
    }

    private void add(JsonParser parser, int level) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_NULL -> {}
            case VALUE_TRUE, VALUE_FALSE -> kinds |= BOOLEAN;
            case VALUE_STRING -> kinds |= STRING;
            case VALUE_NUMBER_INT -> kinds |= integer(parser.getText());
            case VALUE_NUMBER_FLOAT -> kinds |= fraction(parser.getText());
            case START_OBJECT, START_ARRAY -> {
                if (level >= MOST_LEVELS || (kinds & TEXT) != 0 || size > MOST_FIELDS) {
                    kinds |= TEXT;
                    parser.skipChildren();
                } else if (parser.currentToken() == JsonToken.START_OBJECT) {
                    addFields(parser, level);
                } else {
                    addElements(parser, level);
                }
            }
            default -> throw new IllegalStateException("no JSON value begins with " + parser.currentToken());
        }
    }

    private void addFields(JsonParser parser, int level) throws IOException {
        kinds |= OBJECT;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (size > MOST_FIELDS) { // what follows makes no difference
                parser.skipChildren();
                continue;
            }
            JsonShape field = field(name);
            size -= field.size;
            field.add(parser, level + 1);
            size += field.size;
        }
    }

    private void addElements(JsonParser parser, int level) throws IOException {
        kinds |= ARRAY;
        element = element == null ? new JsonShape() : element;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            size -= element.size;
            element.add(parser, level + 1);
            size += element.size;
        }
    }

    private JsonShape field(String name) {
        return fields.computeIfAbsent(name, added -> {
            size++;
            return new JsonShape();
        });
    }

    /** Takes in what another has seen. */
    JsonShape merge(JsonShape other) {
        mergeBelow(other);
        bound();
        return this;
    }

    private void mergeBelow(JsonShape other) {
        kinds |= other.kinds;
        other.fields.forEach((name, theirs) -> {
            JsonShape ours = field(name);
            size -= ours.size;
            ours.mergeBelow(theirs);
            size += ours.size;
        });
        if (other.element != null) {
            element = element == null ? new JsonShape() : element;
            size -= element.size;
            element.mergeBelow(other.element);
            size += element.size;
        }
    }

    /** Only for whole columns, so that it does not matter in which order they grew. */
    private void bound() {
        if (size > MOST_FIELDS) {
            kinds |= TEXT;
        }
        if ((kinds & TEXT) != 0) {
            fields = new TreeMap<>();
            element = null;
            size = 0;
        }
    }

    /** Whether a bound, or names that differ in case alone, make JSON text of a value here or below. */
    boolean hasText() {
        return (kinds & TEXT) != 0
                || hasNamesThatDifferInCase()
                || (element != null && element.hasText())
                || fields.values().stream().anyMatch(JsonShape::hasText);
    }

    /** The type that holds every value seen without changing it; a string where there is no such type. */
    DataType type() {
        return switch (kinds) {
            case BOOLEAN -> DataTypes.BooleanType;
            case SMALL_INTEGER, INTEGER, SMALL_INTEGER | INTEGER -> DataTypes.LongType;
            case DOUBLE, DOUBLE | SMALL_INTEGER -> DataTypes.DoubleType;
            case ARRAY -> DataTypes.createArrayType(element.type());
            case OBJECT -> fields.isEmpty() || hasNamesThatDifferInCase() ? DataTypes.StringType : struct();
            default -> DataTypes.StringType;
        };
    }

    private StructType struct() {
        StructType struct = new StructType();
        for (Map.Entry<String, JsonShape> field : fields.entrySet()) {
            struct = struct.add(field.getKey(), field.getValue().type());
        }
        return struct;
    }

    /** Neither Spark SQL nor many readers of Parquet tell such names apart. */
    private boolean hasNamesThatDifferInCase() {
        Set<String> folded = fields.keySet().stream().map(FoldedName::of).collect(Collectors.toSet());
        return folded.size() < fields.size();
    }

    private static int integer(String text) {
        if (text.equals("-0")) {
            return DOUBLE;
        }
        if (text.length() > 20) { // a long has 19 digits at most
            return LONG_NUMBER;
        }
        try {
            long value = Long.parseLong(text);
            return Math.abs(value) <= EXACT_IN_DOUBLE && value != Long.MIN_VALUE ? SMALL_INTEGER : INTEGER;
        } catch (NumberFormatException e) {
            return LONG_NUMBER;
        }
    }

    private static int fraction(String text) {
        if (text.length() > MOST_DIGITS) {
            return LONG_NUMBER;
        }
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            return LONG_NUMBER;
        }
        boolean isShort = text.length() <= EXACT_DIGITS && text.indexOf('e') < 0 && text.indexOf('E') < 0;
        return isShort || isSame(text, value) ? DOUBLE : LONG_NUMBER;
    }

    private static boolean isSame(String text, double value) {
        try {
            return new BigDecimal(text).compareTo(new BigDecimal(Double.toString(value))) == 0;
        } catch (NumberFormatException e) { // an exponent out of all range
            return false;
        }
    }
}
