package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_csv;
import static org.apache.spark.sql.functions.to_json;

import io.spikelet.job.MessageText;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Prints the rows of a query. */
public final class ResultPrinter {
    /** Maximum rows of a printed table; use CSV or JSON for longer results. */
    static final int MOST_TABLE_ROWS = 1000;

    /** Characters of a cell of a table, unless others are asked for. */
    public static final int WIDEST_CELL = 80;

    /** Significant digits of a floating-point number in a table. */
    private static final int DIGITS = 6;

    /** All digits that timestamps have. */
    private static final String MICROS = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS";

    private static final Map<String, String> JSON_OPTIONS =
            Map.of("ignoreNullFields", "false", "timestampFormat", MICROS + "XXX", "timestampNTZFormat", MICROS);

    private static final Map<String, String> NESTED_OPTIONS =
            Map.of("timestampFormat", MICROS + "XXX", "timestampNTZFormat", MICROS);

    /** An empty string is quoted, so that it is not null, and a quote in a value is doubled. */
    private static final Map<String, String> CSV_OPTIONS =
            Map.of("escape", "\"", "ignoreLeadingWhiteSpace", "false", "ignoreTrailingWhiteSpace", "false");

    private ResultPrinter() {}

    /**
     * Prints all rows; a table stops after {@value #MOST_TABLE_ROWS} and says so on {@code err}.
     *
     * @param widest characters of a cell of a table, after which it is cut; 0 for whole texts
     */
    public static void print(Dataset<Row> rows, ResultFormat format, int widest, PrintWriter out, PrintWriter err) {
        switch (format) {
            case JSON -> printJson(rows, out);
            case CSV -> printCsv(asStrings(rows), out);
            case TABLE -> printTable(rows, widest, out, err);
        }
        out.flush();
    }

    private static void printJson(Dataset<Row> rows, PrintWriter out) {
        Column object = struct(columns(rows, (column, type) -> column));
        byPosition(rows)
                .select(to_json(object, JSON_OPTIONS))
                .toLocalIterator()
                .forEachRemaining(row -> out.println(row.getString(0)));
    }

    private static void printCsv(Dataset<Row> rows, PrintWriter out) {
        Dataset<Row> names = rows.sparkSession()
                .createDataFrame(List.of(RowFactory.create((Object[]) rows.columns())), rows.schema());
        for (Dataset<Row> part : List.of(names, rows)) {
            byPosition(part)
                    .select(coalesce(
                            to_csv(struct(col("*")), CSV_OPTIONS), lit(""))) // a line of one null is none to Spark
                    .toLocalIterator()
                    .forEachRemaining(row -> out.println(row.getString(0)));
        }
    }

    private static void printTable(Dataset<Row> given, int widest, PrintWriter out, PrintWriter err) {
        Dataset<Row> rows = asStrings(given);
        boolean[] isFraction = new boolean[given.columns().length];
        for (int i = 0; i < isFraction.length; i++) {
            DataType type = given.schema().fields()[i].dataType();
            isFraction[i] = type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
        }
        List<String[]> lines = new ArrayList<>();
        lines.add(Arrays.stream(rows.columns()).map(name -> cell(name, widest)).toArray(String[]::new));
        List<Row> head = rows.limit(MOST_TABLE_ROWS + 1).collectAsList();
        for (Row row : head.subList(0, Math.min(head.size(), MOST_TABLE_ROWS))) {
            lines.add(IntStream.range(0, row.size())
                    .mapToObj(i -> row.isNullAt(i)
                            ? "NULL"
                            : isFraction[i] ? shortened(row.getString(i)) : cell(row.getString(i), widest))
                    .toArray(String[]::new));
        }
        int[] widths = IntStream.range(0, rows.columns().length)
                .map(i -> lines.stream().mapToInt(line -> width(line[i])).max().orElse(0))
                .toArray();
        for (int i = 0; i < lines.size(); i++) {
            out.println(aligned(lines.get(i), widths));
            if (i == 0) {
                out.println(Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.joining("  ")));
            }
        }
        if (head.size() > MOST_TABLE_ROWS) {
            err.println("only the first " + MOST_TABLE_ROWS + " rows are shown; --format csv or json prints all");
        }
    }

    /** A floating-point number for people; CSV and JSON have all of its digits. */
    static String shortened(String number) {
        double value = Double.parseDouble(number);
        if (!Double.isFinite(value)) {
            return number;
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(DIGITS)).stripTrailingZeros();
        double size = Math.abs(value);
        return value == 0 || (size >= 1e-5 && size < 1e15) ? rounded.toPlainString() : rounded.toString();
    }

    private static String aligned(String[] cells, int[] widths) {
        return IntStream.range(0, cells.length)
                .mapToObj(i -> cells[i] + " ".repeat(widths[i] - width(cells[i])))
                .collect(Collectors.joining("  "))
                .stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** One line of bounded width. */
    private static String cell(String value, int widest) {
        String line = MessageText.visible(
                value.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t"));
        return widest == 0 || width(line) <= widest
                ? line
                : line.substring(0, line.offsetByCodePoints(0, widest - 1)) + "…";
    }

    /** Every column as a string: nested ones as JSON, the others as Spark casts them. */
    private static Dataset<Row> asStrings(Dataset<Row> rows) {
        Column[] texts = columns(rows, (column, type) -> {
            boolean isNested = type instanceof ArrayType || type instanceof MapType || type instanceof StructType;
            return isNested ? to_json(column, NESTED_OPTIONS) : column.cast(DataTypes.StringType);
        });
        return byPosition(rows).select(texts);
    }

    /** The columns of {@link #byPosition}, mapped and with their own names again. */
    private static Column[] columns(Dataset<Row> rows, BiFunction<Column, DataType, Column> mapping) {
        StructField[] fields = rows.schema().fields();
        return IntStream.range(0, fields.length)
                .mapToObj(i -> mapping.apply(col("c" + i), fields[i].dataType()).as(fields[i].name()))
                .toArray(Column[]::new);
    }

    /** The columns as c0, c1 and so on: a query may give two of them the same name. */
    private static Dataset<Row> byPosition(Dataset<Row> rows) {
        return rows.toDF(
                IntStream.range(0, rows.columns().length).mapToObj(i -> "c" + i).toArray(String[]::new));
    }
}
