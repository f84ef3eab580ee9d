package io.spikelet.job.cli;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.job.SparkTest;
import io.spikelet.job.report.Report;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pages about data that tries to become markup, wherever text of the data can stand. */
final class HostileReportTest extends SparkTest {
    /** What a script does that should not run; a browser shows it in the element of the page. */
    private static final String MARK = "document.documentElement.className='ran'";

    private static final List<String> PAYLOADS = List.of(
            "</script><script>" + MARK + "</script>",
            "\"'><img src=x onerror=\"" + MARK + "\"><svg onload=" + MARK + "><details open ontoggle=" + MARK + ">",
            "<a href=\"javascript:" + MARK + "\" autofocus onfocus=" + MARK + ">x</a><iframe srcdoc=\"<script>parent."
                    + MARK + "</script>\">",
            "&lt;script&gt;" + MARK + "&lt;/script&gt;&#60;script&#62;" + MARK + "&#x3c;/script>",
            "--><script>" + MARK + "</script><!--<!-- ]]><![CDATA[",
            "</style></title><style>*{display:none}</style><link rel=stylesheet href=//evil.invalid><meta http-equiv=refresh content=0>",
            "{{constructor.constructor(\"" + MARK + "\")()}}${" + MARK + "}<%= " + MARK + " %>[[" + MARK + "]]",
            "\u2028" + MARK + "\u2029';" + MARK + "//\\u003c/script>\\u003cscript>" + MARK + "\\");

    /** Names of columns and files, without what ends an element of a path or of a list. */
    private static final String COLUMN = "\"'><img src=x onerror=" + MARK + ">";

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void tablesOfOthersBecomeTextAlone() throws Exception {
        Path output = folder.resolve("out");
        run("generate", input("prompt"), output, "--max-new-tokens", "2", "--partitions", "2");
        Path changed = folder.resolve("changed");
        try (Stream<Path> tables = Files.list(output)) {
            for (Path table : tables.filter(Files::isDirectory).toList()) {
                String name = table.getFileName().toString();
                hostile(table(output, name), name)
                        .write()
                        .parquet(changed.resolve(name).toString());
            }
        }
        requireHarmless(ReportPage.of(changed));
        requireHarmless(ReportPage.of(changed, "--group-by", "finish_reason"));
    }

    @Tag("cluster")
    @Test
    void pagesOfEveryCommandHoldHostileTextAsText() throws Exception {
        Path completions = folder.resolve("completions");
        run("generate", input("prompt"), completions, "--max-new-tokens", "2", "--stop", PAYLOADS.getFirst());
        requireHarmless(ReportPage.of(completions));
        requireHarmless(ReportPage.of(completions, "--group-by", COLUMN));
        ReportPage hidden = ReportPage.of(completions, "--no-texts");
        PageMarkup.requireHarmless(hidden.html(), ownScripts());

        Path scores = folder.resolve("scores");
        Path ablated = folder.resolve("ablated");
        run("perplexity", input("text"), scores, "--group-by", COLUMN, "--emit-tokens");
        requireHarmless(ReportPage.of(scores));
        run("perplexity", input("text"), ablated, "--group-by", COLUMN, "--ablate", "decay");
        Path runs = folder.resolve("runs");
        Invocation compare = Invocation.of("compare-runs", "--run", ablated, "--baseline", scores, "--output", runs);
        assertThat(compare.status()).as(compare.err()).isZero();
        requireHarmless(ReportPage.of(runs, "--group-by", COLUMN));

        Path compared = folder.resolve("compared");
        run("compare", input("text"), compared, "--baseline", model().toString(), "--ablate", "decay");
        requireHarmless(ReportPage.of(compared, "--group-by", COLUMN));

        Path choices = folder.resolve("choices");
        run("choice", input("question"), choices, "--task", task().toString(), "--group-by", COLUMN);
        requireHarmless(ReportPage.of(choices));
    }

    @Test
    void aDirectoryWhoseNameLooksLikeAPatternIsReportedItself() throws Exception {
        for (String name : List.of("res1", "res[1]")) {
            run(
                    "generate",
                    write("in.jsonl", "{\"id\": \"of " + name + "\", \"prompt\": \"And\"}"),
                    folder.resolve(name),
                    "--max-new-tokens",
                    "1");
        }
        spark.sql("SELECT 1 AS id").write().parquet(folder.resolve("res[1]/a b").toString());

        assertThat(ReportPage.of(folder.resolve("res[1]")).html())
                .contains("of res[1]")
                .doesNotContain("of res1");
        assertThat(ReportPage.of(folder.resolve("res1")).html())
                .contains("of res1")
                .doesNotContain("of res[1]");
        Invocation sql = Invocation.of("sql", "--results", folder.resolve("res[1]"), "SELECT row_id FROM completions");
        assertThat(sql.out()).contains("of res[1]").doesNotContain("of res1");
    }

    /** The page has no markup of others, as a parser and, where there is one, a browser see it, and the payloads as text. */
    private void requireHarmless(ReportPage page) throws Exception {
        PageMarkup.requireHarmless(page.html(), ownScripts());
        assertThat(page.html()).contains("&lt;/script&gt;&lt;script&gt;" + MARK.replace("'", "&#x27;"));
        String policy = "Content-Security-Policy";
        for (String html : List.of(page.html(), page.html().replace(policy, "X-No-" + policy))) {
            ReportPage.inABrowser(html, folder).ifPresent(drawn -> {
                assertThat(drawn).contains("<html lang=\"en\">").doesNotContain("class=\"ran\"");
                assertThat(PageMarkup.elements(drawn))
                        .extracting(PageMarkup.Element::name)
                        .doesNotContain("img", "iframe", "details", "link");
            });
        }
    }

    private static List<String> ownScripts() throws IOException {
        return List.of(
                resource("/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js"),
                resource("/io/spikelet/job/report/report.js"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A table in which each text is a payload. */
    private static Dataset<Row> hostile(Dataset<Row> table, String name) {
        Column payloads = array(PAYLOADS.stream().map(text -> lit(text)).toArray(Column[]::new));
        Dataset<Row> changed = table;
        for (StructField field : table.schema().fields()) {
            if (!field.dataType().equals(DataTypes.StringType)) {
                continue;
            }
            Column own = col('`' + field.name().replace("`", "``") + '`');
            Column some = element_at(
                    payloads,
                    pmod(xxhash64(own), lit(PAYLOADS.size())).cast("int").plus(1));
            boolean isJson = name.equals("runs") && field.name().equals("configuration");
            boolean isKey = field.name().equals("run_id"); // by which tables belong together
            changed = changed.withColumn(
                    field.name(),
                    isJson ? lit(configuration()) : when(own.isNotNull(), isKey ? lit(PAYLOADS.getFirst()) : some));
        }
        return changed;
    }

    private static String configuration() {
        ObjectNode configuration = new ObjectMapper().createObjectNode();
        PAYLOADS.forEach(text -> configuration.put(text, text));
        return configuration.put("input", PAYLOADS.get(1)).toString();
    }

    private Path task() throws IOException {
        return write(
                "own.yaml",
                "name: " + json.writeValueAsString(PAYLOADS.get(2)),
                "description: our own",
                "text: question",
                "context: \"{question}\"",
                "choices: [\"yes\", \"no\"]",
                "answer: {column: label, from: 0}");
    }

    private static void run(String command, Path input, Path output, String... more) {
        List<Object> words =
                new ArrayList<>(List.of(command, "--model", model(), "--input", input, "--output", output));
        words.addAll(List.of(more));
        Invocation run = Invocation.of(words.toArray());
        assertThat(run.status()).as(run.err()).isZero();
    }

    /** Three rows of each payload, one of which is no good, in a file whose name is one too. */
    private Path input(String column) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 3 * PAYLOADS.size(); i++) {
            String payload = PAYLOADS.get(i % PAYLOADS.size());
            ObjectNode row = json.createObjectNode()
                    .put("id", payload + i)
                    .put(column, i >= 2 * PAYLOADS.size() ? null : payload + i)
                    .put(COLUMN, payload)
                    .put("label", i % 2);
            PAYLOADS.forEach(name -> row.put(name, payload));
            lines.add(json.writeValueAsString(row));
        }
        return write("in " + COLUMN + ".jsonl", lines.toArray(String[]::new));
    }
}
