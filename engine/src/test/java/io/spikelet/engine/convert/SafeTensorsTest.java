package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SafeTensorsTest {
    /** Each header comes with 8 bytes of data. */
    static Stream<Arguments> badHeaders() {
        return Stream.of(
                Arguments.of("not json", "not valid JSON"),
                Arguments.of("[1,2]", "not a JSON object"),
                Arguments.of("{}", "end at byte 0 of 8"),
                Arguments.of(tensor("a", "F32", "[2]", "[0,8]") + "x", "not valid JSON"),
                Arguments.of(
                        "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]") + "}",
                        "Duplicate"),
                Arguments.of(
                        "{" + entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[1]", "[4,8]") + "}",
                        "overlap or gap"),
                Arguments.of(tensor("a", "F32", "[1]", "[4,8]"), "overlap or gap"),
                Arguments.of(tensor("a", "F32", "[1]", "[0,4]"), "end at byte 4 of 8"),
                Arguments.of(tensor("a", "F32", "[4]", "[0,16]"), "truncated or damaged"),
                Arguments.of(tensor("a", "F32", "[2]", "[8,0]"), "truncated or damaged"),
                Arguments.of(tensor("a", "F32", "[2]", "[-8,0]"), "truncated or damaged"),
                Arguments.of(tensor("a", "F32", "[2]", "[0]"), "data_offsets"),
                Arguments.of(tensor("a", "F32", "[2]", "[0,8.0]"), "must be integers"),
                Arguments.of(tensor("a", "F32", "[2]", "[0,99999999999999999999]"), "must be integers"),
                Arguments.of(tensor("a", "F32", "[3]", "[0,8]"), "shape [3] of F32 in 8 bytes"),
                Arguments.of(tensor("a", "F32", "[-2]", "[0,8]"), "negative size"),
                Arguments.of(tensor("a", "F32", "[4611686018427387904,4]", "[0,8]"), "too large"),
                Arguments.of(tensor("a", "F32", "2", "[0,8]"), "no array shape"),
                Arguments.of(tensor("a", "F8_E4M3", "[8]", "[0,8]"), "F8_E4M3"),
                Arguments.of("{\"a\":[]}", "dtype"));
    }

    @ParameterizedTest
    @MethodSource("badHeaders")
    void refusesABadHeader(String header, String expected) {
        assertThatThrownBy(() -> SafeTensors.read(file(header.length(), header), "model.safetensors"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContainingAll("model.safetensors", expected);
    }

    @Test
    void refusesAHeaderLongerThanTheFileBeforeAllocatingIt() {
        for (long claimed : new long[] {-1, 0, 1000, 16L << 20, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> SafeTensors.read(file(claimed, "{}"), "model.safetensors"))
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageContaining("header claims " + Long.toUnsignedString(claimed));
        }
        assertThatThrownBy(() -> SafeTensors.read(MemorySegment.ofArray(new byte[7]), "model.safetensors"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("7 bytes");
    }

    @Test
    void aHeaderOfMoreEntriesThanTensorsIsRefused() {
        String empty = "{\"a\":{\"x\":0}"
                + IntStream.range(0, 600_000).mapToObj(i -> ",\"" + i + "\":{}").collect(Collectors.joining()) + "}";

        assertThatThrownBy(() -> SafeTensors.read(file(empty.length(), empty), "model.safetensors"))
                .isInstanceOf(CheckpointFormatException.class)
                .message()
                .contains("model.safetensors")
                .hasSizeLessThan(2000);
    }

    @Test
    void messagesDoNotGrowWithTheHeader() {
        String shape = "[" + "1,".repeat(300_000) + "1.5]";
        String sizes = "[" + "1,".repeat(300_000) + "3]";
        for (String header : List.of(
                tensor("a", "F32", shape, "[0,8]"),
                tensor("a", "F32", sizes, "[0,8]"),
                tensor("a", "F32", "[2]", sizes),
                tensor("n".repeat(60_000), "F32", "[3]", "[0,8]"),
                tensor("a", "T".repeat(60_000), "[3]", "[0,8]"))) {
            assertThatThrownBy(() -> SafeTensors.read(file(header.length(), header), "model.safetensors"))
                    .isInstanceOf(CheckpointFormatException.class)
                    .message()
                    .hasSizeLessThan(2000);
        }
    }

    @Test
    void readsTensorsAndIgnoresMetadata() {
        String header = "{\"__metadata__\":{\"format\":\"pt\"}," + entry("module.b", "BF16", "[2]", "[0,4]") + ","
                + entry("a", "F32", "[]", "[4,8]") + "}";

        Checkpoint checkpoint = SafeTensors.read(file(header.length(), header), "model.safetensors");

        assertThat(checkpoint.tensors()).containsOnlyKeys("b", "a");
        assertThat(checkpoint.tensors().get("b").type()).isEqualTo(ElementType.BFLOAT16);
        assertThat(checkpoint.tensors().get("a").shape()).isEmpty();
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "{" + entry(name, dtype, shape, offsets) + "}";
    }

    private static String entry(String name, String dtype, String shape, String offsets) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(name, dtype, shape, offsets);
    }

    private static MemorySegment file(long headerBytes, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerBytes).put(text);
        return MemorySegment.ofArray(bytes.array());
    }
}
