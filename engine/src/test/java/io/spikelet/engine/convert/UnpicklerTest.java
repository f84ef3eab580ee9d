package io.spikelet.engine.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class UnpicklerTest {
    private static final long SEED = 20;

    static Stream<Arguments> refusedPickles() {
        return Stream.of(
                Arguments.of("\u0080\1N.", "protocol 1"),
                Arguments.of("\u0080\6N.", "protocol 6"),
                Arguments.of("(lp0\n.", "protocol number"),
                Arguments.of("\u0080\2cbuiltins\neval\n.", "builtins.eval"),
                Arguments.of("\u0080\2cposix\nsystem\n.", "posix.system"),
                Arguments.of("\u0080\2ctorch.nn.modules\nLinear\n.", "torch.nn.modules.Linear"),
                Arguments.of("\u0080\2ctorch\nComplexFloatStorage\n.", "torch.ComplexFloatStorage"),
                Arguments.of("\u0080\2ctorch._utils\n_rebuild_sparse_tensor\n.", "_rebuild_sparse_tensor"),
                Arguments.of("\u0080\2(ios\nsystem\n.", "opcode 0x69"),
                Arguments.of("\u0080\2\u0082\1.", "opcode 0x82"),
                Arguments.of("\u0080\2I1\n.", "opcode 0x49"),
                Arguments.of("\u0080\2N)\u0081.", "opcode 0x81"),
                Arguments.of("\u0080\2N)R.", "not a function"),
                Arguments.of("\u0080\2}}b.", "attributes of something that has none"),
                Arguments.of("\u0080\2}]Ns.", "collection as the key"),
                Arguments.of("\u0080\2N]a.", "no list"),
                Arguments.of("\u0080\2N(NNu.", "no dict"),
                Arguments.of("\u0080\2}(Nu.", "no dict"),
                Arguments.of("\u0080\2(.", "did not put"),
                Arguments.of("\u0080\2t.", "did not put"),
                Arguments.of("\u0080\2h\7.", "memo slot 7"),
                Arguments.of("\u0080\2Nr\377\377\377\377.", "memo slot 4294967295"),
                Arguments.of("\u0080\2X\377\377\377\177", "claims 2147483647 bytes"),
                Arguments.of("\u0080\2X\377\377\377\377", "claims 4294967295 bytes"),
                Arguments.of("\u0080\4\u008d\377\377\377\377\377\377\377\377", "claims -1 bytes"),
                Arguments.of("\u0080\2X\1\0\0\0\377.", "not UTF-8"),
                Arguments.of("\u0080\2NN.", "after its end"),
                Arguments.of("\u0080\2N.N", "after its end"),
                Arguments.of("\u0080\2NQ.", "not a storage"),
                Arguments.of("\u0080\2ctorch._utils\n_rebuild_tensor_v2\n)R.", "wrong argument 0"),
                Arguments.of("\u0080\2c" + "a".repeat(300) + "\nb\n.", "longer than 256"));
    }

    @ParameterizedTest
    @MethodSource("refusedPickles")
    void refusesWhatTorchDoesNotEmit(String latin1, String expected) {
        assertThatThrownBy(() -> read(latin1.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void refusesMoreValuesThanACheckpointHas() {
        byte[] pickle = new byte[2 << 20];
        Arrays.fill(pickle, (byte) ']');
        pickle[0] = (byte) 0x80;
        pickle[1] = 2;

        assertThatThrownBy(() -> read(pickle))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("too many values");
    }

    @Test
    void refusesAPickleThatIsTooLarge() {
        assertThatThrownBy(() -> read(new byte[PickleInput.MAX_BYTES + 1]))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("at most " + PickleInput.MAX_BYTES);
    }

    @Test
    void readsAListThatHoldsItself() {
        assertThat(read("\u0080\2]q\0h\0a.".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(Pickled.Items.class);
    }

    @Test
    void refusesEveryTruncationOfARealPickle() throws IOException {
        byte[] pickle = goldenPickle();

        for (int length = 0; length < pickle.length; length++) {
            byte[] cut = Arrays.copyOf(pickle, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(CheckpointFormatException.class);
        }
    }

    @Test
    void survivesDamagedPickles() throws IOException {
        byte[] pickle = goldenPickle();
        Random random = new Random(SEED);

        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = pickle.clone();
            for (int i = 0; i < 1 + round % 4; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            refused += isRefused(damaged) ? 1 : 0;
        }
        // Anything but a refusal or a value would have thrown; most damage hits structure, some a number or a name.
        assertThat(refused).isBetween(1000, 4999);
    }

    private static boolean isRefused(byte[] pickle) {
        try {
            read(pickle);
            return false;
        } catch (CheckpointFormatException e) {
            return true;
        }
    }

    private static byte[] goldenPickle() throws IOException {
        MemorySegment file =
                MemorySegment.ofArray(Files.readAllBytes(Fixtures.golden("c3-tiny-08b-noattn/checkpoint_alt.pt")));
        return ZipDirectory.read(file, "golden")
                .get("checkpoint_alt/data.pkl")
                .content()
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private static Object read(byte[] pickle) {
        return Unpickler.read(MemorySegment.ofArray(pickle));
    }
}
