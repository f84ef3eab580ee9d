package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Weights that were changed behind the manifest's back, by a copy that went wrong. */
class DamagedModelTest extends SparkTest {
    /** Scales that are finite, so that the model opens, and as large as can be, so that logits are not. */
    private Path damaged() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("damaged"));
        for (String name : List.of(ModelManifest.FILE, ModelManifest.WEIGHTS_FILE, "tokenizer.model")) {
            Files.copy(model().resolve(name), copy.resolve(name));
        }
        TensorEntry head = ManifestReader.read(copy, Families.all()).tensor("output_head.output_proj.weight");
        try (FileChannel file = FileChannel.open(copy.resolve(ModelManifest.WEIGHTS_FILE), StandardOpenOption.WRITE)) {
            ByteBuffer scales = ByteBuffer.allocate((int) head.scaleLength()).order(ByteOrder.LITTLE_ENDIAN);
            while (scales.hasRemaining()) {
                scales.putFloat(Float.MAX_VALUE);
            }
            file.write(scales.flip(), head.scaleOffset());
        }
        return copy;
    }

    @Test
    void theRunEndsWithOneMessageThatNamesTheCheck() throws IOException {
        Path model = damaged();
        Path input = write("prompts.txt", "And the king", "said", "unto", "the whale");
        for (String command : List.of("generate", "perplexity")) {
            Invocation run =
                    Invocation.of(command, "--model", model, "--input", input, "--output", folder.resolve(command));
            assertThat(run.status()).as(run.err()).isEqualTo(ExitStatus.RUN_FAILED);
            assertThat(run.err()).contains("the model ", " is damaged, as inspect --verify ", "weights.bin");
        }
    }
}
