package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A digest of the rows of a table that does not depend on their order: the first 128 bits of the SHA-256 of each row,
 * added up modulo 2^128. A row is hashed as a JSON object of its columns in order, nulls left out, without the run id, the
 * columns that measure time or count operations, and the text of errors, which names files.
 */
public final class ResultDigest {
    private static final int WORDS = 4;
    private static final int WORD_DIGITS = 8;
    private static final int WORD_BITS = 32;
    private static final Set<String> NO_RESULTS = Set.of(
            "run_id",
            "error_message",
            "prefill_millis",
            "decode_millis",
            "accumulates",
            "multiply_adds",
            "dense_multiply_adds",
            "energy_microjoules",
            "dense_energy_microjoules");
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(WORDS * WORD_BITS);

    private ResultDigest() {}

    /** 32 hexadecimal digits; two tables with the same digest hold the same rows. */
    public static String of(Dataset<Row> table) {
        return of(words(
                table.select(hash(table).as("hash"))
                        .agg(lit(0), sums(col("hash")))
                        .head(),
                1));
    }

    /** The hash of a row, for {@link #sums}. */
    public static Column hash(Dataset<Row> table) {
        Column[] results = Arrays.stream(table.columns())
                .filter(name -> !NO_RESULTS.contains(name))
                .map(name -> col('`' + name.replace("`", "``") + '`'))
                .toArray(Column[]::new);
        return sha2(to_json(struct(results)).cast("binary"), 256);
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

    /** The digest of a table whose groups add these. */
    public static String of(BigInteger words) {
        return hexadecimal(words.mod(MODULUS));
    }

    private static String hexadecimal(BigInteger digest) {
        byte[] bytes = new byte[WORDS * WORD_BITS / Byte.SIZE];
        byte[] digits = digest.toByteArray();
        int length = Math.min(bytes.length, digits.length);
        System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
        return HexFormat.of().formatHex(bytes);
    }
}
