package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.spikelet.job.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class SparkFailureTest extends SparkTest {
    @Test
    void aFileThatIsCutShortIsNamed() throws IOException {
        byte[] noise = new byte[100_000];
        new Random(4).nextBytes(noise);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(noise);
        }
        write("in/whole.txt.gz", compressed.toByteArray());
        Path cut = write("in/cut.txt.gz", Arrays.copyOf(compressed.toByteArray(), 60_000));

        Throwable failure = catchThrowable(
                () -> spark.read().text(cut.getParent().toString()).count());

        assertThat(SparkFailure.line(failure)).contains("cannot read ", "cut.txt.gz", "Unexpected end");
    }
}
