package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NpyWriterTest {
    @TempDir
    private Path folder;

    @Test
    void writesTheHeaderAndTheRowsThatNumpyReads() throws IOException {
        Path file = folder.resolve("array.npy");
        try (NpyWriter npy = new NpyWriter(file, 2, 3)) {
            npy.row(new float[] {9, 1, 2, 3, 9}, 1);
            npy.row(new float[] {-4, Float.NaN, 6}, 0);
        }

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.get(0)).isEqualTo((byte) 0x93);
        int elements = 10 + bytes.getShort(8);
        String header = new String(bytes.array(), 10, elements - 10, StandardCharsets.US_ASCII);
        assertThat(header)
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }")
                .endsWith("\n");
        assertThat(elements % 64).isZero();
        float[] values = new float[6];
        bytes.slice(elements, 24).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        assertThat(values).containsExactly(1, 2, 3, -4, Float.NaN, 6);
        assertThat(bytes.capacity()).isEqualTo(elements + 24);
    }

    @Test
    void aFileWithMissingRowsIsNotSilent() throws IOException {
        NpyWriter npy = new NpyWriter(folder.resolve("short.npy"), 2, 1);
        npy.row(new float[] {1}, 0);

        assertThatThrownBy(npy::close).isInstanceOf(EOFException.class).hasMessageContaining("1 rows are missing");
    }
}
