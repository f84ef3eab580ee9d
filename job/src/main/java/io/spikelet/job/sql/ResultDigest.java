package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;

import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.Tables;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A digest of the rows of a table that does not depend on their order: the first 128 bits of the SHA-256 of each row,
 * added up modulo 2^128. A row is hashed as a JSON object of its columns in order, nulls left out and timestamps in UTC, without
 * the run id, the columns that measure time or count operations, and the text of errors, which names files.
 */
public final class ResultDigest {
    private static final int WORDS = 4;
    private static final int WORD_DIGITS = 8;
    private static final int WORD_BITS = 32;
    private static final Set<String> NO_RESULTS = Stream.of(
                    Stream.of("run_id", "error_message", "prefill_millis", "decode_millis"),
                    Stream.of(Tables.OPERATIONS_COLUMNS.fieldNames()),
                    Stream.of(Tables.BASELINE_OPERATIONS_COLUMNS.fieldNames()))
            .flatMap(names -> names)
            .collect(Collectors.toSet());
    /** Every digit of a value, whatever the settings of the session. */
    private static final Map<String, String> JSON_OPTIONS = Map.of(
            "ignoreNullFields", "true",
            "timeZone", "UTC",
            "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
            "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(WORDS * WORD_BITS);

    private ResultDigest() {}

    /** The hash of a row, for {@link #sums}. */
    public static Column hash(Dataset<Row> table) {
        List<String> results = Arrays.stream(table.columns())
                .filter(name -> !NO_RESULTS.contains(name))
                .toList();
        return sha2(to_json(struct(Columns.named(results)), JSON_OPTIONS).cast("binary"), 256);
    }

    /** Aggregates over the hashes of rows, for {@link #words}. */
    public static Column[] sums(Column hash) {
        return IntStream.range(0, WORDS)
                .mapToObj(i -> sum(conv(substring(hash, i * WORD_DIGITS + 1, WORD_DIGITS), 16, 10)
                        .cast("decimal(10,0)")))
                .toArray(Column[]::new);
    }

    /** What the rows of a group add to the digest, of its aggregates from a column on. */
    public static BigInteger words(Row sums, int first) {
        BigInteger digest = BigInteger.ZERO;
        for (int i = first; i < first + WORDS; i++) {
            BigDecimal word = sums.isNullAt(i) ? BigDecimal.ZERO : sums.getDecimal(i);
            digest = digest.shiftLeft(WORD_BITS).add(word.toBigInteger());
        }
        return digest;
    }

    /** The digest of a table whose groups add these: 32 hexadecimal digits, equal for two tables only if they hold the same rows. */
    public static String of(BigInteger words) {
        return String.format(Locale.ROOT, "%032x", words.mod(MODULUS));
    }
}
