package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelLocationTest {
    @Test
    void pathsAndFileUrisAreOfThisMachine() {
        assertThat(ModelLocation.parse("models/a b").directory())
                .isEqualTo(Path.of("models/a b").toAbsolutePath());
        for (String uri : new String[] {"file:/models/a", "file:///models/a", "FILE:///models/a"}) {
            assertThat(ModelLocation.parse(uri)).isEqualTo(ModelLocation.of(Path.of("/models/a")));
        }
    }

    @Test
    void otherSchemesAreRemote() {
        ModelLocation hdfs = ModelLocation.parse("hdfs:///models/a");

        assertThat(hdfs.isLocal()).isFalse();
        assertThat(hdfs).hasToString("hdfs:///models/a");
        assertThat(ModelLocation.parse("s3a://bucket/a").isLocal()).isFalse();
    }

    @Test
    void namesThatLookLikePatternsOrUrisAreNames(@TempDir Path folder) throws IOException {
        for (String name : List.of("res[1]", "a?b*", "x{a}", "10:30", "run:1", "a b%20c")) {
            Path model = Files.createDirectory(folder.resolve(name));

            assertThat(ModelLocation.parse(model.toString()).directory()).isEqualTo(model);
        }
        assertThat(ModelLocation.parse("10:30").directory())
                .isEqualTo(Path.of("10:30").toAbsolutePath());
    }

    @Test
    void whatIsNeitherIsRefused() {
        assertThatThrownBy(() -> ModelLocation.parse("hdfs:models")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelLocation.parse("s3a://a b")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelLocation.parse(" ")).isInstanceOf(UsageException.class);
    }
}
