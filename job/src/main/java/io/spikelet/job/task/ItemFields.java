package io.spikelet.job.task;

import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of an item by their paths: a name, or names joined by dots for fields of structs.
 *
 * @param textColumn the column that {@link SourceRow#TEXT} holds
 * @param passThrough the others
 */
record ItemFields(String textColumn, StructType passThrough) implements Serializable {
    /** Refuses an input that has no such column, or one that is not text or a number. */
    void requireScalar(String path, String task) {
        DataType type = type(path, task);
        if (type instanceof ArrayType || type instanceof StructType) {
            throw wrongType(path, task, type, "a text, a number or true or false");
        }
    }

    /** Refuses an input that has no such column, or one that is no list of texts. */
    void requireTexts(String path, String task) {
        DataType type = type(path, task);
        if (!(type instanceof ArrayType list)
                || !list.elementType().simpleString().equals("string")) {
            throw wrongType(path, task, type, "a list of texts");
        }
    }

    private static UsageException wrongType(String path, String task, DataType type, String wanted) {
        return new UsageException("column " + path + " of --input is of type " + type.simpleString() + "; the task "
                + task + " needs " + wanted);
    }

    private DataType type(String path, String task) {
        DataType type = new StructType().add(textColumn, "string").merge(passThrough, true);
        for (String name : names(path)) {
            if (!(type instanceof StructType struct)
                    || !Arrays.asList(struct.fieldNames()).contains(name)) {
                throw new UsageException("--input has no column " + path + ", which the task " + task
                        + " reads (or it is the id column, or dropped); its columns are " + textColumn + ", "
                        + String.join(", ", passThrough.fieldNames()));
            }
            type = struct.apply(name).dataType();
        }
        return type;
    }

    /** A text; a number in its printed form. */
    String text(Row item, String path) {
        Object value = value(item, path);
        if (value == null) {
            throw new MalformedItemException("column " + path + " is null");
        }
        return value.toString();
    }

    /** A list of texts, none of them null. */
    List<String> texts(Row item, String path) {
        if (!(value(item, path) instanceof scala.collection.Seq<?> values)) {
            throw new MalformedItemException("column " + path + " is null");
        }
        Object[] texts = new Object[values.size()];
        values.copyToArray(texts);
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] == null) {
                throw new MalformedItemException("column " + path + " has a null at place " + (i + 1));
            }
        }
        return Arrays.stream(texts).map(Object::toString).toList();
    }

    private Object value(Row item, String path) {
        String[] names = names(path);
        if (names.length == 1 && path.equals(textColumn)) {
            return item.get(SourceRow.TEXT);
        }
        Object value = item.get(SourceRow.PASS_THROUGH + passThrough.fieldIndex(names[0]));
        for (int i = 1; i < names.length && value != null; i++) {
            value = ((Row) value).getAs(names[i]);
        }
        return value;
    }

    private static String[] names(String path) {
        return path.split("\\.", -1);
    }
}
