package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.executor.ModelHandle;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Progress of long documents as files. */
final class RunProgressTest {
    private static final ModelHandle MODEL = new ModelHandle(URI.create("file:/m"), "ab12");

    @TempDir
    Path folder;

    private RunProgress progress(ModelHandle model) {
        return new RunProgress(folder.resolve("progress").toUri().toString(), new Configuration(), model);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("progress"))) {
            return files.toList();
        }
    }

    @Test
    void anotherProcessFindsWhatWasKeptLast() throws IOException {
        assertThat(progress(MODEL).find("a/b: c")).isEmpty();
        progress(MODEL).keep("a/b: c", new byte[] {1, 2, 3});
        progress(MODEL).keep("a/b: c", new byte[] {4, -5});
        progress(MODEL).keep("other", new byte[] {6});
        assertThat(progress(MODEL).find("a/b: c")).hasValue(new byte[] {4, -5});
        assertThat(files()).hasSize(2);
        progress(MODEL).drop("a/b: c");
        assertThat(progress(MODEL).find("a/b: c")).isEmpty();
        assertThat(progress(MODEL).find("other")).hasValue(new byte[] {6});
    }

    @Test
    void anotherModelAndOtherSettingsHaveProgressOfTheirOwn() {
        progress(MODEL).keep("a", new byte[] {1});
        for (ModelHandle other : List.of(
                new ModelHandle(URI.create("file:/m"), "cd34"),
                MODEL.with(new ModelSettings(Set.of(new Ablation("x")), null)),
                MODEL.with(new ModelSettings(Set.of(), KeyValueType.INT8)))) {
            assertThat(progress(other).find("a")).isEmpty();
        }
        assertThat(progress(new ModelHandle(URI.create("file:/elsewhere"), "ab12"))
                        .find("a"))
                .isPresent();
    }

    @Test
    void whatCannotBeReadOrWrittenIsNoError() throws IOException {
        RunProgress progress = progress(MODEL);
        progress.keep("a", new byte[1000]);
        Files.writeString(files().getFirst(), "\"AAA");
        assertThat(progress.find("a")).isEmpty();
        progress.drop("a");
        Files.delete(folder.resolve("progress"));
        Files.writeString(folder.resolve("progress"), "a file, where the folder should be");
        progress.keep("a", new byte[1]);
        assertThat(progress.find("a")).isEmpty();
    }
}
