package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Parquet files of several schemas, and what names their rows. */
final class ParquetFilesTest extends InputCasesTest {
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
