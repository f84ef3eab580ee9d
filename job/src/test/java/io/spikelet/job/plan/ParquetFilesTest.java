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

        assertThat(rows.passThrough().simpleString()).isEqualTo("struct<lang:string,score:int>");
        assertThat(reversed.passThrough()).isEqualTo(rows.passThrough());
        String[] all = {"row_id", InputRows.TEXT, "lang", "score"};
        assertThat(texts(spec(fixture("p/shards")), all)).containsExactly("s0|And|null|null", "s1|The|en|5");
        assertThat(texts(spec(fixture("p/shards_rev")), all)).containsExactly("s0|And|null|null", "s1|The|en|5");
        assertThat(texts(spec(fixture("p/shards_noprompt")), "row_id", InputRows.TEXT, "text", "error_class"))
                .as("a part without the text column")
                .containsExactly("t0|And|null|null", "t1|null|The|null_input");
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
    void neitherHasOneInsideAnother() {
        String none = "SELECT '%s' AS id, 'x' AS prompt, array(NULL) AS l, named_struct('a', NULL, 'b', 1) AS s, "
                + "array(named_struct('a', CAST(NULL AS INT)), NULL) AS ls, map('k', NULL) AS m, NULL AS v";
        spark.sql(none.formatted("a")).write().parquet(path("in/p=1"));
        spark.sql("SELECT 'b' AS id, 'x' AS prompt, array('t') AS l, named_struct('a', 't', 'b', 1) AS s, "
                        + "array(named_struct('a', 't', 'c', 2)) AS ls, map('k', array(1)) AS m, 1.5D AS v")
                .write()
                .parquet(path("in/p=2"));
        spark.sql("SELECT 'c' AS id, 'x' AS prompt, CAST(array() AS ARRAY<INT>) AS l, "
                        + "CAST(NULL AS STRUCT<a: DOUBLE>) AS s, CAST(NULL AS MAP<INT, INT>) AS m")
                .write()
                .parquet(path("in/p=3"));

        InputSpec spec = spec(folder.resolve("in"));
        assertThat(read(spec).passThrough().simpleString())
                .isEqualTo("struct<l:array<string>,s:struct<a:string,b:int>,ls:array<struct<a:string,c:int>>,"
                        + "m:map<string,array<int>>,v:double,p:string>");
        assertThat(rows(read(spec).partitioned(1), "row_id", "l", "s", "ls", "v").stream()
                        .map(row -> row.mkString("|")))
                .containsExactly(
                        "a|ArraySeq(null)|[null,1]|ArraySeq([null,null], null)|null",
                        "b|ArraySeq(t)|[t,1]|ArraySeq([t,2])|1.5",
                        "c|ArraySeq()|null|null|null");
        assertThat(rows(read(spec).partitioned(1).selectExpr("row_id", "to_json(m) AS m"), "row_id", "m").stream()
                        .map(row -> row.mkString("|")))
                .containsExactly("a|{\"k\":null}", "b|{\"k\":[1]}", "c|null");
        assertThat(texts(spec(folder.resolve("in/p=1")), "row_id", "l", "v")).containsExactly("a|ArraySeq(null)|null");
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
        spark.sql("SELECT 'a' AS id, 'x' AS prompt, array(named_struct('\u00b5s', 1)) AS l")
                .write()
                .parquet(path("letters/k=1"));
        spark.sql("SELECT 'b' AS id, 'x' AS prompt, array(named_struct('\u03bcs', 1)) AS l")
                .write()
                .parquet(path("letters/k=2"));
        assertRefused(spec(folder.resolve("letters")), "l.element.\u00b5s and l.element.\u03bcs");
        assertThat(texts(spec(fixture("p/case.parquet")), "row_id", "Tag")).containsExactly("r0|1");
    }

    @Test
    void nullsInsideStructsAndListsPassAndTellRowsApart() {
        spark.sql("SELECT 'x' AS prompt, l, s, ls FROM VALUES "
                        + "(array(1, NULL), named_struct('a', CAST(NULL AS INT)), array(named_struct('a', 2), NULL)), "
                        + "(array(CAST(NULL AS INT)), named_struct('a', 1), array(named_struct('a', CAST(NULL AS INT)))), "
                        + "(array(CAST(NULL AS INT), NULL), NULL, array(CAST(NULL AS STRUCT<a: INT>))), "
                        + "(CAST(array() AS ARRAY<INT>), NULL, CAST(array() AS ARRAY<STRUCT<a: INT>>)), "
                        + "(NULL, NULL, NULL) AS t(l, s, ls)")
                .write()
                .parquet(path("in"));

        InputRows read = read(spec(folder.resolve("in")));
        assertThat(rows(read.partitioned(1), "l", "s", "ls"))
                .hasSize(5)
                .isEqualTo(rows(spark.read().parquet(path("in")), "l", "s", "ls"));
        assertThat(ids(spec(folder.resolve("in")))).doesNotHaveDuplicates().noneMatch(id -> id.contains("-"));
    }

    @Test
    void idsDoNotDependOnTheSessionAndTellMicrosecondsApart() {
        List<String> ids = ids(spec(fixture("x1/us")));
        assertThat(ids).hasSize(2).noneMatch(id -> id.contains("-"));
        List<String> hashes = texts(spec(fixture("p/micros.parquet")), "content_sha256");
        spark.conf().set("spark.sql.session.timeZone", "Asia/Kathmandu");
        spark.conf().set("spark.sql.jsonGenerator.ignoreNullFields", "false");
        spark.conf().set("spark.sql.datetime.java8API.enabled", "false");
        try {
            assertThat(ids(spec(fixture("x1/us")))).isEqualTo(ids);
            assertThat(texts(spec(fixture("p/micros.parquet")), "content_sha256"))
                    .isEqualTo(hashes);
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
            assertThat(rows(rows.partitioned(1), "row_id").size()).as(name).isEqualTo((int) rows.scanned());
        }
        assertThat(texts(spec(fixture("p/hive")), "zone")).contains("00", "01", "02");
        assertThat(ids(spec(fixture("p/with_empty")))).isNotEmpty();
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }
}
