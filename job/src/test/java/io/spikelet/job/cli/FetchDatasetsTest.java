package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/fetch-datasets} against a server of this test, with files in the shapes of the public ones. */
final class FetchDatasetsTest {
    @TempDir
    private Path folder;

    private final Map<String, byte[]> files = new TreeMap<>();
    private HttpServer server;
    private ScriptSandbox sandbox;

    @BeforeEach
    void serve() throws IOException {
        sandbox = new ScriptSandbox(folder);
        sandbox.build();
        for (String tool : new String[] {"bash", "curl", "sha256sum", "mkdir", "mv"}) {
            sandbox.tool(tool);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = files.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(bytes == null ? new byte[0] : bytes);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    @Tag("cluster") // starts Spark for each set
    void fetchesVerifiesAndConverts() throws Exception {
        files.put(
                "/piqa.zip",
                zip(
                        "physicaliqa-train-dev/dev.jsonl",
                        "{\"goal\": \"g1\", \"sol1\": \"a\", \"sol2\": \"b\"}\n"
                                + "{\"goal\": \"g2 é\", \"sol1\": \"c\", \"sol2\": \"d\"}\n",
                        "physicaliqa-train-dev/dev-labels.lst",
                        "1\n0\n",
                        "physicaliqa-train-dev/train.jsonl",
                        "{\"goal\": \"g3\", \"sol1\": \"e\", \"sol2\": \"f\"}\n",
                        "physicaliqa-train-dev/train-labels.lst",
                        "1\n"));
        files.put(
                "/obqa.zip",
                zip(
                        "OpenBookQA-V1-Sep2018/Data/Main/test.jsonl",
                        "{\"id\": \"7-1\", \"question\": {\"stem\": \"A frog\", \"choices\": [{\"text\": \"is\", \"label\": "
                                + "\"A\"}, {\"text\": \"was\", \"label\": \"B\"}]}, \"answerKey\": \"B\"}\n",
                        "OpenBookQA-V1-Sep2018/Data/Main/train.jsonl",
                        "{\"id\": \"8-1\", \"question\": {\"stem\": \"A toad\", \"choices\": [{\"text\": \"is\", \"label\": "
                                + "\"A\"}]}, \"answerKey\": \"A\"}\n"));
        files.put(
                "/wikitext.zip",
                zip(
                        "wikitext-2/wiki.test.tokens",
                        " \n = One = \n \n First text . \n \n = = Part = = \n \n More . \n \n = Two = \n \n Other . \n"));
        table("wikitext-2", "/wikitext.zip", "piqa", "/piqa.zip", "openbookqa", "/obqa.zip");
        Path output = folder.resolve("sets");
        sandbox.set("JAVA_HOME", sandbox.thisJdk());

        ScriptSandbox.Result result = sandbox.run("fetch-datasets", "--output", output.toString(), "all");

        assertThat(result.status()).as(result.err()).isZero();
        List<JsonNode> piqa = rows(output.resolve("piqa.jsonl"));
        assertThat(piqa).hasSize(2);
        assertThat(piqa.get(0).toString()).isEqualTo("{\"goal\":\"g1\",\"sol1\":\"a\",\"sol2\":\"b\",\"label\":1}");
        assertThat(piqa.get(1).get("goal").asText()).isEqualTo("g2 é");
        assertThat(piqa.get(1).get("label").asInt()).isZero();
        assertThat(rows(output.resolve("openbookqa.jsonl")).getFirst().toString())
                .isEqualTo("{\"id\":\"7-1\",\"question_stem\":\"A frog\",\"choices\":{\"text\":[\"is\",\"was\"],"
                        + "\"label\":[\"A\",\"B\"]},\"answerKey\":\"B\"}");
        List<JsonNode> articles = rows(output.resolve("wikitext-2.jsonl"));
        assertThat(articles).hasSize(2);
        assertThat(articles.get(0).get("text").asText())
                .isEqualTo(" = One = \n \n First text . \n \n = = Part = = \n \n More . \n ");
        assertThat(articles.get(1).get("id").asText()).isEqualTo("wikitext-2-test-2");

        assertThat(rows(output.resolve("train/piqa.jsonl")))
                .extracting(JsonNode::toString)
                .containsExactly("{\"goal\":\"g3\",\"sol1\":\"e\",\"sol2\":\"f\",\"label\":1}");
        assertThat(rows(output.resolve("train/openbookqa.jsonl")))
                .extracting(row -> row.get("id").asText())
                .containsExactly("8-1");

        files.clear(); // what is there is not fetched again
        ScriptSandbox.Result again = sandbox.run("fetch-datasets", "--output", output.toString(), "piqa");
        assertThat(again.status()).isZero();
        assertThat(again.err()).contains("piqa.jsonl exists already");
        try (var left = Files.list(output)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("piqa.jsonl", "openbookqa.jsonl", "wikitext-2.jsonl", "train");
        }
    }

    @Test
    void whatIsNotAsPinnedOrNotThereIsRefusedAndNothingIsKept() throws Exception {
        files.put("/boolq.jsonl", "{}\n".getBytes(StandardCharsets.UTF_8));
        table("boolq", "/boolq.jsonl", "lambada", "/gone.jsonl");
        files.put("/boolq.jsonl", "{\"tampered\": 1}\n".getBytes(StandardCharsets.UTF_8));
        Path output = folder.resolve("sets");
        sandbox.set("JAVA_HOME", sandbox.thisJdk());

        ScriptSandbox.Result result = sandbox.run("fetch-datasets", "--output", output.toString(), "all");

        assertThat(result.status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(result.err())
                .contains("boolq from", "is expected: it is damaged or has changed", "lambada cannot be fetched from");
        assertThat(output).isEmptyDirectory();
    }

    @Test
    void listsEverySetWithItsHomeItsSumAndItsLicence() throws Exception {
        ScriptSandbox.Result result = sandbox.run("fetch-datasets", "--list");

        assertThat(result.status()).isZero();
        assertThat(result.out().lines()).hasSize(30);
        assertThat(result.out())
                .contains("hellaswag      MIT", "CC BY-SA 4.0", "https://storage.googleapis.com/boolq/dev.jsonl");
        assertThat(result.out().lines().filter(line -> line.matches(" +sha256 [0-9a-f]{64}")))
                .hasSize(10);
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() throws Exception {
        assertRefused(sandbox.run("fetch-datasets"), "name the datasets to fetch");
        assertRefused(
                sandbox.run("fetch-datasets", "chess"), "there is no dataset chess; it must be one of wikitext-2");
        assertRefused(sandbox.run("fetch-datasets", "--output"), "--output needs a value");
        assertRefused(sandbox.run("fetch-datasets", "--fast", "piqa"), "--fast is not an option");
    }

    private static void assertRefused(ScriptSandbox.Result result, String part) {
        assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(result.err()).startsWith("spikelet: ").contains(part).hasLineCount(1);
    }

    private void table(String... namesAndPaths) throws Exception {
        List<String> lines = new ArrayList<>(List.of("# of the test"));
        for (int i = 0; i < namesAndPaths.length; i += 2) {
            byte[] bytes = files.getOrDefault(namesAndPaths[i + 1], new byte[0]);
            String sum = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + namesAndPaths[i + 1];
            lines.add(String.join("\t", namesAndPaths[i], sum, url, "Own licence"));
        }
        Files.write(sandbox.root().resolve("scripts/datasets.tsv"), lines);
    }

    private static byte[] zip(String... namesAndTexts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static List<JsonNode> rows(Path file) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            rows.add(new ObjectMapper().readTree(line));
        }
        return rows;
    }
}
