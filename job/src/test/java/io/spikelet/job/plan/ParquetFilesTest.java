package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Parquet files of several schemas, and what names their rows. */
final class ParquetFilesTest extends InputCasesTest {
    private static final String TIME = "t";

    @Test
    void partsWithDifferentColumnsGiveTheirUnionInWhicheverOrder() {
        InputRows rows = read(spec(fixture("p/shards")));
        InputRows reversed = read(spec(fixture("p/shards_rev")));

        assertThat(rows.passThrough().fieldNames()).isNotEmpty();
        assertThat(reversed.passThrough().fieldNames())
                .containsExactlyInAnyOrder(rows.passThrough().fieldNames());
        assertThat(rows(rows.partitioned(1), "row_id", "content_sha256"))
                .isEqualTo(rows(reversed.partitioned(1), "row_id", "content_sha256"));
    }

    @Test
    void typesThatDoNotAgreeAreRefusedWithTheirFiles() {
        spark.sql("SELECT 'a' AS id, 'x' AS prompt, named_struct('n', 1) AS m")
                .write()
                .parquet(path("in/k=1"));
        spark.sql("SELECT 'b' AS id, 'x' AS prompt, named_struct('n', 'one') AS m")
                .write()
                .parquet(path("in/k=2"));

        assertRefused(spec(folder.resolve("in")), "m.n", "int", "string", "k=1/part-", "k=2/part-", "--drop-columns");
        assertThat(ids(dropping(folder.resolve("in"), "m"))).containsExactly("a", "b");
    }

    @Test
    void aColumnThatSparkCannotReadIsNamedOrDropped() {
        assertRefused(spec(fixture("p/interval.parquet")), "interval.parquet", "--drop-columns");
        assertRefused(spec(fixture("p/kinds.parquet")), "column u of", "uuid", "--drop-columns u");
        assertThat(ids(dropping(fixture("p/kinds.parquet"), "u", "iv"))).isNotEmpty();
        assertRefused(spec(fixture("p/nanos.parquet")), "column at of", "nanos", "--drop-columns at");
        assertRefused(spec(fixture("p/nanos_nested.parquet")), "column meta of", "--drop-columns meta");
        assertThat(ids(dropping(fixture("p/nanos.parquet"), "at"))).isNotEmpty();
        assertThat(ids(dropping(fixture("p/nanos_nested.parquet"), "meta"))).isNotEmpty();
        assertRefused(spec(fixture("p/time.parquet")), "time(micros", "--drop-columns " + TIME);
        assertThat(ids(dropping(fixture("p/time.parquet"), TIME))).isNotEmpty();
    }

    @Test
    void aColumnOfNullsAloneHasNoTypeOfItsOwn() {
        spark.sql("SELECT 'a' AS id, 'x' AS prompt, CAST(NULL AS INT) AS m, CAST(NULL AS INT) AS k")
                .write()
                .parquet(path("in/p=1"));
        spark.sql("SELECT 'b' AS id, 'y' AS prompt, 'text' AS m, named_struct('n', 1) AS k")
                .write()
                .parquet(path("in/p=2"));
        spark.sql("SELECT 'c' AS id, CAST(NULL AS INT) AS prompt").write().parquet(path("in/p=3"));
        spark.sql("SELECT 1 AS id, 2 AS prompt, 3 AS m WHERE false").write().parquet(path("in/p=4"));

        assertThat(texts(spec(folder.resolve("in")), "row_id", "p", "m", "k", "error_class"))
                .containsExactly("a|1|null|null|null", "b|2|text|[1]|null", "c|3|null|null|null_input");
        assertThat(ids(limited(folder.resolve("in"), 2))).containsExactly("a", "b");
        assertThat(ids(dropping(folder.resolve("in"), "m"))).hasSize(3);
    }

    @Test
    void aPointInTimeIsTheSameIdAndPromptInEveryTimeZone() {
        spark.sql("SELECT TIMESTAMP '2020-06-01 12:00:00.123456Z' AS id, 'x' AS prompt,"
                        + " named_struct('t', TIMESTAMP '1969-12-31 23:59:59.000001Z') AS m")
                .write()
                .parquet(path("in"));
        spark.conf().set("spark.sql.session.timeZone", "Asia/Kathmandu");
        try {
            InputSpec plain = spec(folder.resolve("in"));
            assertThat(ids(plain)).containsExactly("2020-06-01 12:00:00.123456");
            RequestSpec requests = new RequestSpec(Optional.of(PromptTemplate.parse("{id} {m}")), List.of(), 1, false);
            InputSpec template = new InputSpec(
                    plain.path(),
                    Optional.empty(),
                    "prompt",
                    Optional.empty(),
                    List.of(),
                    OptionalLong.empty(),
                    requests);
            assertThat(only(template, InputRows.TEXT).getString(0))
                    .isEqualTo("2020-06-01 12:00:00.123456 {\"t\":\"1969-12-31T23:59:59.000001Z\"}");
        } finally {
            spark.conf().set("spark.sql.session.timeZone", "UTC");
        }
    }

    @Test
    void namesThatDifferInCaseAreRefusedWithTheirPath() {
        spark.sql("SELECT 'a' AS id, 'x' AS prompt, named_struct('Tag', 1) AS m, 1 AS X")
                .write()
                .parquet(path("in/k=1"));
        spark.sql("SELECT 'b' AS id, 'x' AS prompt, named_struct('tag', 1) AS m, 1 AS x")
                .write()
                .parquet(path("in/k=2"));

        assertRefused(spec(folder.resolve("in")), "m.Tag and m.tag", "X and x", "differ in case");
    }

    @Test
    void idsDoNotDependOnTheSessionAndTellMicrosecondsApart() {
        List<String> ids = ids(spec(fixture("p/micros.parquet")));
        assertThat(ids).noneMatch(id -> id.contains("-"));
        spark.conf().set("spark.sql.session.timeZone", "Asia/Kathmandu");
        spark.conf().set("spark.sql.jsonGenerator.ignoreNullFields", "false");
        spark.conf().set("spark.sql.datetime.java8API.enabled", "false");
        try {
            assertThat(ids(spec(fixture("p/micros.parquet")))).isEqualTo(ids);
        } finally {
            spark.conf().set("spark.sql.session.timeZone", "UTC");
            spark.conf().set("spark.sql.jsonGenerator.ignoreNullFields", "true");
            spark.conf().set("spark.sql.datetime.java8API.enabled", "true");
        }
    }

    @Test
    void everyKindOfValueHasAPlaceInAnId() {
        for (String name : List.of("nested", "decimal", "uint", "blobtext", "id_double", "zero_rows")) {
            InputRows rows = read(spec(fixture("p/" + name + ".parquet")));
            assertThat(rows(rows.partitioned(1), "row_id").size()).as(name).isEqualTo((int) rows.count());
        }
        assertThat(texts(spec(fixture("p/hive")), "zone")).contains("00", "01", "02");
        assertThat(ids(spec(fixture("p/with_empty")))).isNotEmpty();
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }
}
