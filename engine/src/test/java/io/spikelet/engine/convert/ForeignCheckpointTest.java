package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints as other tools and hubs leave them: in shards, under other names, or something else in their place. */
final class ForeignCheckpointTest {
    @TempDir
    private Path folder;

    private Path shards;

    @BeforeEach
    void copyTheShards() throws IOException {
        shards = Files.createDirectory(folder.resolve("shards"));
        try (Stream<Path> files =
                Files.list(Fixtures.projectRoot().resolve("engine/src/test/resources/convert/sharded"))) {
            for (Path file : files.toList()) {
                Files.copy(file, shards.resolve(file.getFileName()));
            }
        }
    }

    private ConversionResult convert(Path checkpoint, String name) {
        return Checkpoints.convert(checkpoint, folder.resolve(name));
    }

    private void assertRefused(Path checkpoint, String... parts) {
        assertThatThrownBy(() -> convert(checkpoint, "refused"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContainingAll(parts)
                .message()
                .hasSizeLessThan(2000);
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    @Test
    void shardsAreOneCheckpointHoweverTheyAreGiven() throws IOException {
        Map<String, SourceTensor> tensors = Stream.of("1", "2")
                .flatMap(number -> {
                    try {
                        return Checkpoints.safeTensors(shards.resolve("model-0000" + number + "-of-00002.safetensors"))
                                .entrySet()
                                .stream();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(tensors).hasSize(22);

        List<String> hashes = Stream.of(
                        "model.safetensors.index.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "")
                .map(given -> convert(shards.resolve(given), "m" + given).manifest())
                .map(manifest ->
                        manifest.weightsSha256() + manifest.provenance().sourceSha256())
                .toList();
        assertThat(hashes).hasSize(4);
        assertThat(hashes.stream().distinct()).hasSize(1);
    }

    @Test
    void aFolderWithOneCheckpointStandsForIt() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Files.copy(Fixtures.golden("c5-tiny-08b-odd/model.safetensors"), one.resolve("weights.safetensors"));
        Files.copy(Fixtures.golden("c5-tiny-08b-odd/config.json"), one.resolve("config.json"));

        assertThat(convert(one, "model").manifest().config().vocabSize()).isEqualTo(301);
        Files.copy(Fixtures.golden("c5-tiny-08b-odd/checkpoint.pt"), one.resolve("latest.pt"));
        assertRefused(one, "holds 2 checkpoints, [latest.pt, weights.safetensors]");
        assertRefused(Files.createDirectory(folder.resolve("empty")), "holds 0 checkpoints");
    }

    @Test
    void shardsThatAreMissingAreNamed() throws IOException {
        Files.delete(shards.resolve("model-00002-of-00002.safetensors"));

        assertRefused(shards, "1 of 2 shards are missing", "[model-00002-of-00002.safetensors]");
        assertRefused(shards.resolve("model-00001-of-00002.safetensors"), "[model-00002-of-00002.safetensors]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": \"../x\"}", "{\"a\": \"/etc/passwd\"}", "{\"a\": 5}", "{\"a\": \"\"}"})
    void anIndexNamesFilesOfItsFolderAlone(String map) throws IOException {
        Path index = shards.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": " + map + "}");

        assertRefused(index, "must be the name of a file in the same folder");
    }

    @Test
    void anIndexWithoutAMapIsNone() throws IOException {
        Path index = shards.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"metadata\": {}}");

        assertRefused(index, "has no weight_map");
    }

    static Stream<Arguments> otherContents() {
        return Stream.of(
                Arguments.of("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a git-LFS pointer"),
                Arguments.of("\n<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page"),
                Arguments.of("GGUF\3\0\0\0", "a GGUF file"),
                Arguments.of("", "empty"));
    }

    @ParameterizedTest
    @MethodSource("otherContents")
    void whatStandsInPlaceOfAFileIsNamed(String latin1, String expected) throws IOException {
        byte[] content = latin1.getBytes(StandardCharsets.ISO_8859_1);
        Path shard = shards.resolve("model-00002-of-00002.safetensors");
        Files.write(shard, content);
        assertRefused(shards, shard.toString(), "it is " + expected.replace("torch", "of torch"));

        Path checkpoint = Fixtures.golden("c5-tiny-08b-odd/model.safetensors");
        Path single = Files.copy(checkpoint, folder.resolve("model.safetensors"));
        Files.write(folder.resolve("config.json"), content);
        assertRefused(single, "config.json", expected);
    }

    @Test
    void aCompressedFileIsCalledThat() throws IOException {
        Path file = folder.resolve("model.safetensors.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            Files.copy(Fixtures.golden("c5-tiny-08b-odd/model.safetensors"), out);
        }

        assertRefused(file, "compressed with gzip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MODEL.SAFETENSORS", "model.SafeTensors", "3f08d05c510f930c6414d1c373c73a67"})
    void aNameDoesNotMatter(String name) throws IOException {
        Path file = Files.copy(Fixtures.golden("c5-tiny-08b-odd/model.safetensors"), folder.resolve(name));
        Files.copy(Fixtures.golden("c5-tiny-08b-odd/config.json"), folder.resolve("config.json"));

        assertThat(convert(file, "model").manifest().config().vocabSize()).isEqualTo(301);
    }

    @Test
    void theMaskOfAttentionNeedNotBeStored() throws IOException {
        TorchFixture fixture = TorchFixture.of("c5-tiny-08b-odd");
        ConversionResult whole = convert(fixture.write(folder.resolve("whole.pt")), "whole");
        assertThat(fixture.state.keySet().removeIf(name -> name.endsWith("_cached_mask")))
                .isTrue();

        ConversionResult without = convert(fixture.write(folder.resolve("without.pt")), "without");
        assertThat(without.manifest().weightsSha256())
                .isEqualTo(whole.manifest().weightsSha256());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-32BE", "UTF-32LE"})
    void configurationsInUtf32AreRefused(String charset) throws IOException {
        Path file =
                Files.copy(Fixtures.golden("c5-tiny-08b-odd/model.safetensors"), folder.resolve("model.safetensors"));
        Files.write(folder.resolve("config.json"), broken(charset));

        assertRefused(file, "config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-32BE", "UTF-32LE"})
    void headersInUtf32AreRefused(String charset) throws IOException {
        byte[] header = broken(charset);
        Path file = folder.resolve("model.safetensors");
        Files.write(
                file,
                ByteBuffer.allocate(Long.BYTES + header.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());

        assertRefused(file, "header");
    }

    /** JSON whose last character is beyond Unicode. */
    private static byte[] broken(String charset) throws IOException {
        byte[] json = "{\"\ud83d\ude00\": 1}\u0000\ud83d".getBytes(charset);
        json[json.length - 1] = 127;
        json[json.length - 4] = 127;
        return json;
    }
}
