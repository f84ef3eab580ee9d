package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints and manifests of others, as {@code convert} and {@code inspect} tell of them: one short line, status 2. */
final class HostileModelFilesTest {
    private static final String ESCAPES = "\u001b[2J\u0007\u009b31m";
    private static final String VISIBLE = "\\u001b[2J\\u0007\\u009b31m";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"UTF-32BE", "UTF-32LE"})
    void headersAndManifestsInUtf32AreBadInput(String charset) throws IOException {
        byte[] json = "{\"a\": 1, \"\ud83d\ude00\": 2}".getBytes(Charset.forName(charset));
        byte[] broken = json.clone();
        broken[broken.length - 1] = 127;
        broken[broken.length - 4] = 127;
        for (byte[] text : List.of(json, broken)) {
            assertRefused(convert(safeTensors(text)), "model.safetensors");
            Files.write(folder.resolve("manifest.json"), text);
            assertRefused(Invocation.of("inspect", folder), "manifest.json");
        }
    }

    @Test
    void aManifestOfFifteenMegabytesIsBadInput() throws IOException {
        Path manifest = folder.resolve("manifest.json");
        String entry = "{\"name\": \"x\", \"shape\": [1, 2], \"dtype\": \"int8\"},";
        Files.writeString(manifest, "{\"tensors\": [" + entry.repeat((15 << 20) / entry.length()) + "{}]}");
        assertThat(Files.size(manifest)).isGreaterThan(15_000_000);

        Invocation inspect = Invocation.of("inspect", folder);

        assertRefused(inspect, "manifest.json");
        assertThat(inspect.err()).doesNotContain("memory").doesNotContain("--batch-size");
    }

    @Test
    void namesOfTensorsDoNotRuleTheTerminalAndDoNotFillIt() throws IOException {
        String name =
                "\"%s" + ESCAPES.replace("\u001b", "\\u001b").replace("\u0007", "\\u0007") + "n".repeat(20_000) + "\"";
        String odd = "{" + name.formatted("t") + ": {\"dtype\": " + name.formatted("F") + ", \"shape\": [1]}}";
        assertRefused(convert(safeTensors(odd.getBytes(StandardCharsets.UTF_8))), VISIBLE);

        byte[] golden = Files.readAllBytes(GoldenFiles.golden("c1-tiny-08b/model.safetensors"));
        int length =
                (int) ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(golden, Long.BYTES, length, StandardCharsets.UTF_8).strip();
        byte[] data = Arrays.copyOfRange(golden, Long.BYTES + length, golden.length + 4 * 40);
        int end = golden.length - Long.BYTES - length;
        String more = IntStream.range(0, 40)
                .mapToObj(i ->
                        ", " + name.formatted("t" + i) + ": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": ["
                                + (end + 4 * i) + ", " + (end + 4 * i + 4) + "]}")
                .collect(Collectors.joining());
        byte[] whole = (header.substring(0, header.length() - 1) + more + "}").getBytes(StandardCharsets.UTF_8);

        Invocation unexpected = convert(
                safeTensors(whole, data),
                "--config",
                GoldenFiles.golden("c1-tiny-08b/config.json"),
                "--variant",
                "0.8b");

        assertRefused(unexpected, "40 problems: unexpected: t", VISIBLE, "and 30 more");
        assertShown(unexpected.err());
    }

    @Test
    void convertSaysNothingThatATerminalObeysOfWhatItReads() throws IOException {
        Path checkpoint =
                Files.copy(GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), folder.resolve("a" + ESCAPES + ".pt"));

        Invocation convert = Invocation.of("convert", "--checkpoint", checkpoint, "--output", folder.resolve("model"));

        assertThat(convert.status()).as(convert.err()).isZero();
        assertShown(convert.out());
    }

    @Test
    void whatAManifestSaysIsShownByInspect() throws IOException {
        ObjectMapper json = new ObjectMapper();
        Path model = folder.resolve("model");
        Invocation convert = Invocation.of(
                "convert", "--checkpoint", GoldenFiles.golden("c1-tiny-08b/checkpoint.pt"), "--output", model);
        assertThat(convert.status()).as(convert.err()).isZero();
        Path manifest = model.resolve("manifest.json");
        ObjectNode root = (ObjectNode) json.readTree(manifest.toFile());
        ((ObjectNode) root.get("provenance")).put("source", "s" + ESCAPES);
        Files.write(manifest, json.writeValueAsBytes(root));

        Invocation inspect = Invocation.of("inspect", model);

        assertThat(inspect.status()).as(inspect.err()).isZero();
        assertShown(inspect.out());

        for (String field : List.of("architecture", "variant", "b" + ESCAPES)) {
            ObjectNode changed = root.deepCopy();
            changed.put(field, "v" + ESCAPES + "v".repeat(60_000));
            Files.write(manifest, json.writeValueAsBytes(changed));
            Invocation refused = Invocation.of("inspect", model);
            assertRefused(refused, VISIBLE);
            assertShown(refused.err());
        }
        ((ObjectNode) root.get("tensors").get(0)).put("name", "t" + ESCAPES + "t".repeat(60_000));
        Files.write(manifest, json.writeValueAsBytes(root));
        assertRefused(Invocation.of("inspect", model), VISIBLE);
    }

    private static void assertShown(String printed) {
        assertThat(printed).contains(VISIBLE);
        assertThat(printed.chars().filter(c -> Character.isISOControl(c) && c != '\n'))
                .isEmpty();
    }

    private static void assertRefused(Invocation invocation, String... parts) {
        MainTest.assertRefused(invocation, parts);
        assertThat(invocation.err()).hasSizeLessThan(2000);
    }

    private Invocation convert(Path checkpoint, Object... more) {
        List<Object> words = new ArrayList<>(List.of("convert", "--checkpoint", checkpoint));
        words.addAll(List.of("--output", folder.resolve("model")));
        words.addAll(List.of(more));
        Invocation convert = Invocation.of(words.toArray());
        assertThat(convert.err()).hasSizeLessThan(2000);
        assertThat(folder.resolve("model")).doesNotExist();
        return new Invocation(convert.status(), "", convert.err());
    }

    private Path safeTensors(byte[] header) throws IOException {
        return safeTensors(header, new byte[0]);
    }

    private Path safeTensors(byte[] header, byte[] data) throws IOException {
        return Files.write(
                folder.resolve("model.safetensors"),
                ByteBuffer.allocate(Long.BYTES + header.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .put(data)
                        .array());
    }
}
