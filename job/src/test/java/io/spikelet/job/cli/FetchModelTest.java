package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/fetch-model} against a server of this test, which can go on in the middle of a file. */
final class FetchModelTest {
    @TempDir
    private Path folder;

    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private byte[] checkpoint;
    private HttpServer server;
    private ScriptSandbox sandbox;

    @BeforeEach
    void serve() throws IOException {
        sandbox = new ScriptSandbox(folder);
        sandbox.build();
        for (String tool : new String[] {"bash", "curl", "sha256sum", "mkdir", "mv", "tr"}) {
            sandbox.tool(tool);
        }
        sandbox.set("JAVA_HOME", sandbox.thisJdk());
        checkpoint = Files.readAllBytes(GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/latest.pt", exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            ranges.add(String.valueOf(range));
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= checkpoint.length) {
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            if (range != null) {
                exchange.getResponseHeaders()
                        .set(
                                "Content-Range",
                                "bytes " + from + "-" + (checkpoint.length - 1) + "/" + checkpoint.length);
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, checkpoint.length - from);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(checkpoint, from, checkpoint.length - from);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fetchesVerifiesConvertsAndPrintsTheNextCommand() throws Exception {
        table(sum(checkpoint), "/latest.pt");

        ScriptSandbox.Result result = sandbox.run("fetch-model", "small");

        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.err()).contains("small, checkpoint: licence Own licence");
        assertThat(result.out())
                .startsWith("next: scripts/spikelet generate --model ")
                .hasLineCount(1);
        Path model = sandbox.root().resolve("models/small");
        assertThat(Invocation.of("inspect", "--verify", model).out()).contains("every checksum matches");

        ScriptSandbox.Result again = sandbox.run("fetch-model", "small");
        assertThat(again.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(again.err()).contains("models/small exists").hasLineCount(1);

        Path exact = folder.resolve("exact");
        ScriptSandbox.Result other =
                sandbox.run("fetch-model", "--scheme", "fp32", "--output", exact.toString(), "small");
        assertThat(other.status()).as(other.err()).isZero();
        assertThat(Invocation.of("inspect", exact).out()).contains("float32").doesNotContain("int8");
        assertThat(ranges).as("one fetch for both schemes").hasSize(1);
    }

    @Test
    void anInterruptedFetchGoesOnWhereItStopped() throws Exception {
        table(sum(checkpoint), "/latest.pt");
        Path part = Files.createDirectories(sandbox.root().resolve("models/downloads/small"))
                .resolve("latest.pt.part");
        Files.write(part, Arrays.copyOf(checkpoint, 1000));

        ScriptSandbox.Result result = sandbox.run("fetch-model", "small");

        assertThat(result.status()).as(result.err()).isZero();
        assertThat(ranges).containsExactly("bytes=1000-");
        assertThat(part).doesNotExist();
    }

    @Test
    void aFetchThatOnlyLackedItsCheckIsNotRepeated() throws Exception {
        table(sum(checkpoint), "/latest.pt");
        Path part = Files.createDirectories(sandbox.root().resolve("models/downloads/small"))
                .resolve("latest.pt.part");
        Files.write(part, checkpoint);

        ScriptSandbox.Result result = sandbox.run("fetch-model", "small");

        assertThat(result.status()).as(result.err()).isZero();
    }

    @Test
    void whatIsNotAsPinnedIsDeletedAndNothingConverted() throws Exception {
        table(sum(checkpoint), "/latest.pt");
        checkpoint = Arrays.copyOf(checkpoint, checkpoint.length + 1);

        ScriptSandbox.Result result = sandbox.run("fetch-model", "small");

        assertThat(result.status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(result.err()).contains("is expected: it is damaged or has changed, and was deleted");
        assertThat(sandbox.root().resolve("models/downloads/small")).isEmptyDirectory();
        assertThat(sandbox.root().resolve("models/small")).doesNotExist();
    }

    @Test
    void aSumThatWasNotPublishedHasToBeGiven() throws Exception {
        table("-", "/latest.pt");

        ScriptSandbox.Result refused = sandbox.run("fetch-model", "small");
        ScriptSandbox.Result given = sandbox.run("fetch-model", "--sha256", sum(checkpoint), "small");

        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err())
                .contains("no published SHA-256", "--sha256 SUM")
                .hasLineCount(1);
        assertThat(given.status()).as(given.err()).isZero();
    }

    @Test
    void aHomeThatDoesNotAnswerIsNamed() throws Exception {
        table(sum(checkpoint), "/gone.pt");

        ScriptSandbox.Result result = sandbox.run("fetch-model", "small");

        assertThat(result.status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(result.err()).contains("/gone.pt cannot be fetched", "the same command continues");
    }

    @Test
    void listsEveryModelWithItsHomeItsSumAndItsLicence() throws Exception {
        ScriptSandbox.Result result = sandbox.run("fetch-model", "--list");

        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("0.8b   checkpoint  Apache-2.0", "194m   tokenizer   Apache-2.0", "give --sha256");
        assertThat(result.out().lines().filter(line -> line.matches(" +sha256 [0-9a-f]{64}")))
                .hasSize(3);
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() throws Exception {
        assertRefused(sandbox.run("fetch-model"), "name the model to fetch");
        assertRefused(sandbox.run("fetch-model", "gpt"), "there is no model gpt; it must be one of 0.8b, 194m");
        assertRefused(sandbox.run("fetch-model", "0.8b", "194m"), "one model at a time");
        assertRefused(sandbox.run("fetch-model", "--scheme", "int4", "0.8b"), "must be w8a32, w8a8 or fp32");
        assertRefused(sandbox.run("fetch-model", "--sha256", "abc", "194m"), "64 hexadecimal digits");
        assertRefused(sandbox.run("fetch-model", "--fast", "0.8b"), "--fast is not an option");
    }

    private static void assertRefused(ScriptSandbox.Result result, String part) {
        assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(result.err()).startsWith("spikelet: ").contains(part).hasLineCount(1);
    }

    private void table(String sum, String path) throws IOException {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + path;
        List<String> lines = new ArrayList<>(
                List.of("# of the test", String.join("\t", "small", "checkpoint", sum, url, "Own licence")));
        Files.write(sandbox.root().resolve("scripts/models.tsv"), lines);
    }

    private static String sum(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
