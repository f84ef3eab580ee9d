package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
    void whatIsNeitherIsRefused() {
        assertThatThrownBy(() -> ModelLocation.parse("hdfs:models")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelLocation.parse("s3a://a b")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelLocation.parse(" ")).isInstanceOf(UsageException.class);
    }
}
