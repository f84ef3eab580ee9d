package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.sql.ResultFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SqlActionTest extends SparkTest {
    private Path results;

    @BeforeEach
    void writeTables() {
        results = folder.resolve("results");
        writeTable("results/things", "SELECT 1 AS id, 'a \"quoted\", text' AS name, array(1, 2) AS parts");
        writeTable("results/others", "SELECT 1 AS id, CAST(NULL AS STRING) AS note, 2.5D AS weight");
        write("results/_SUCCESS", "");
    }

    @Test
    void everyTableIsAViewByItsName() {
        assertThat(answer(ResultFormat.CSV, "SELECT t.id, weight FROM things t JOIN others o ON t.id = o.id"))
                .isEqualToNormalizingNewlines("id,weight\n1,2.5\n");
    }

    @Test
    void jsonIsOneObjectALineWithNullsAndNothingElse() throws Exception {
        String json = answer(ResultFormat.JSON, "SELECT * FROM things, others UNION ALL SELECT * FROM things, others");

        assertThat(json.lines()).hasSize(2);
        for (String line : json.lines().toList()) {
            JsonNode object = new ObjectMapper().readTree(line);
            assertThat(object.get("name").asText()).isEqualTo("a \"quoted\", text");
            assertThat(object.get("parts").get(1).asInt()).isEqualTo(2);
            assertThat(object.has("note")).isTrue();
            assertThat(object.get("note").isNull()).isTrue();
        }
    }

    @Test
    void csvQuotesWhatNeedsItAndKeepsNullApartFromEmpty() {
        assertThat(answer(ResultFormat.CSV, "SELECT name, parts, '' AS empty, note FROM things, others"))
                .isEqualToNormalizingNewlines("name,parts,empty,note\n\"a \"\"quoted\"\", text\",\"[1,2]\",\"\",\n");
    }

    @Test
    void csvKeepsSpacesLineBreaksBackslashesAndLinesOfOneNull() {
        assertThat(answer(ResultFormat.CSV, "SELECT * FROM VALUES ('  a '), (NULL), (r'c\\\"d\\') AS t(`x,\"y`)"))
                .isEqualToNormalizingNewlines("\"x,\"\"y\"\n  a \n\n\"c\\\"\"d\\\"\n");
        assertThat(answer(ResultFormat.CSV, "SELECT 'a\rb' AS x, 'c\r\nd\ne' AS y, 1 AS z, 2 AS z"))
                .isEqualTo("x,y,z,z" + System.lineSeparator() + "\"a\rb\",\"c\r\nd\ne\",1,2" + System.lineSeparator());
    }

    @Test
    void theTableForPeopleIsAligned() {
        assertThat(answer(ResultFormat.TABLE, "SELECT id, note, 'long\ntext' AS x, id AS x FROM others"))
                .isEqualToNormalizingNewlines(
                        "id  note  x           x\n--  ----  ----------  -\n1   NULL  long\\ntext  1\n");
    }

    @Test
    void severalResultsAreReadAsOne() {
        writeTable("more/things", "SELECT 2 AS id, 'second' AS name, true AS extra");

        StringWriter out = new StringWriter();
        new SqlAction(
                        List.of(results.toString(), folder.resolve("more").toString()),
                        "SELECT id, extra FROM things ORDER BY id",
                        ResultFormat.CSV)
                .check()
                .execute(spark, new PrintWriter(out), new PrintWriter(new StringWriter()));

        assertThat(out.toString()).isEqualToNormalizingNewlines("id,extra\n1,\n2,true\n");
    }

    @Test
    void wrongSqlIsWrongUsageInOneLine() {
        for (String query : List.of(
                "SELEC 1",
                "SELECT * FROM nothing",
                "SELECT missing FROM things",
                "SELECT id FROM things SELECT 1",
                " ; -- nothing",
                "SELECT 1 / (id - 1) FROM things",
                "SELECT CAST(name AS INT) FROM things")) {
            assertThatThrownBy(() -> answer(ResultFormat.JSON, query))
                    .as(query)
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("SQL: ")
                    .message()
                    .doesNotContain("\n", "SQLSTATE")
                    .hasSizeLessThan(300);
        }
    }

    @Test
    void whatIsNoQueryIsRefusedByItsName() {
        for (String statement : List.of(
                "INSERT INTO things VALUES (3, 'c')",
                "drop table things",
                "-- a comment\n/* two */ DELETE FROM things")) {
            assertThatThrownBy(() -> answer(ResultFormat.JSON, statement))
                    .as(statement)
                    .isInstanceOf(UsageException.class)
                    .hasMessageMatching("(?s)SQL: (INSERT|DROP|DELETE) is no query; .*");
        }
        assertThat(answer(ResultFormat.JSON, "SELECT count(*) AS n FROM things"))
                .isEqualTo("{\"n\":1}\n");
    }

    @Test
    void severalStatementsAreAnsweredInOrderInOneSession() {
        assertThat(answer(
                        ResultFormat.CSV,
                        "CREATE TEMP VIEW mine AS SELECT ';' AS semi; -- a comment; with one\n"
                                + "SELECT semi, 'it''s; 😀' AS text FROM mine; /* ; */ SELECT `id` FROM things;"))
                .isEqualToNormalizingNewlines("semi,text\n;,it's; 😀\n\nid\n1\n");
        assertThat(answer(ResultFormat.JSON, "SELECT 1 AS a; SELECT 2 AS a")).isEqualTo("{\"a\":1}\n{\"a\":2}\n");
        spark.catalog().dropTempView("mine");
    }

    @Test
    void resultsThatAreNotThereAreRefused() {
        Path missing = folder.resolve("missing");
        Path file = write("file", "x");
        Path empty = write("empty/_SUCCESS", "").getParent();

        for (Path results : List.of(missing, file, empty)) {
            SqlAction action = new SqlAction(List.of(results.toString()), "SELECT 1", ResultFormat.JSON);
            assertThatThrownBy(action::check)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(results.toString());
        }
    }

    @Test
    void aDirectoryWhoseNameLooksLikeAPatternOrAUriIsItself() {
        writeTable("res1/things", "SELECT 'of another directory' AS name");
        for (String name : List.of("res[1]", "res?", "{res1,res2}", "res*", "10:30", "a b%20c")) {
            writeTable("written/things", "SELECT 'its own' AS name");
            Path literal = folder.resolve(name);
            assertThat(folder.resolve("written").toFile().renameTo(literal.toFile()))
                    .isTrue();
            results = literal;

            assertThat(answer(ResultFormat.CSV, "SELECT name FROM things"))
                    .isEqualToNormalizingNewlines("name\nits own\n");
        }
    }

    @Test
    void timestampsKeepTheirMicroseconds() {
        String times =
                "TIMESTAMP'2024-05-01 10:30:00.123456' AS at, TIMESTAMP_NTZ'2024-05-01 10:30:00.000001' AS local";

        assertThat(answer(ResultFormat.JSON, "SELECT " + times))
                .contains("\"at\":\"2024-05-01T10:30:00.123456Z\"", "\"local\":\"2024-05-01T10:30:00.000001\"");
        assertThat(answer(
                        ResultFormat.JSON,
                        "SELECT named_struct('t', TIMESTAMP'1969-12-31 23:59:59.000001') AS s, "
                                + "map('k', TIMESTAMP'2024-05-01 10:30:00.1') AS m"))
                .contains("{\"t\":\"1969-12-31T23:59:59.000001Z\"}", "{\"k\":\"2024-05-01T10:30:00.100000Z\"}");
        assertThat(answer(ResultFormat.CSV, "SELECT array(TIMESTAMP'2024-05-01 10:30:00.123456') AS many"))
                .contains("2024-05-01T10:30:00.123456Z");
    }

    @Test
    void foldersOfOthersAmongResultsDoNoHarm() {
        writeTable("results/a b", "SELECT 3 AS id");
        writeTable("results/back`tick", "SELECT 4 AS id");
        write("results/notes/text.txt", "no table");

        assertThat(answer(ResultFormat.CSV, "SELECT * FROM `a b` UNION ALL SELECT * FROM `back``tick`"))
                .isEqualToNormalizingNewlines("id\n3\n4\n");

        writeTable("results/THINGS", "SELECT 5 AS id");
        assertThatThrownBy(() -> answer(ResultFormat.CSV, "SELECT id FROM things"))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("THINGS and things", "move one of them");
    }

    @Test
    void theTableForPeopleShowsWhatATerminalWouldObey() {
        assertThat(answer(ResultFormat.TABLE, "SELECT 'a' || char(27) || '[2J' || char(7) AS `x" + (char) 27 + "`"))
                .contains("a\\u001b[2J\\u0007", "x\\u001b")
                .doesNotContain("\u001b", "\u0007");
    }

    private String answer(ResultFormat format, String query) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        new SqlAction(List.of(results.toString()), query, format)
                .check()
                .execute(spark, new PrintWriter(out), new PrintWriter(err));
        assertThat(err.toString()).isEmpty();
        return out.toString();
    }

    private void writeTable(String name, String query) {
        spark.sql(query).write().parquet(folder.resolve(name).toString());
    }
}
