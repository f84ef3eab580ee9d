package io.spikelet.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("cluster")
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClusterScriptTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @Test
    void whatIsUpStaysUpAndDownEndsEveryProcess() throws Exception {
        try (ClusterProcess cluster = ClusterProcess.up(PROJECT, folder, 1)) {
            List<Long> processes = cluster.processes();
            assertThat(cluster.script("cluster", "up", "--workers", "1").status())
                    .isZero();
            assertThat(cluster.processes()).hasSize(2).isEqualTo(processes);
            assertThat(cluster.script("cluster", "status").out())
                    .contains("master: up", "worker-1: up", "master URL: spark://127.0.0.1:");

            List<ProcessHandle> started = new ArrayList<>();
            for (long pid : processes) {
                ProcessHandle.of(pid).ifPresent(started::add);
            }
            assertThat(started).hasSize(2);
            assertThat(cluster.script("cluster", "down").status()).isZero();

            for (ProcessHandle process : started) {
                process.onExit().get(1, TimeUnit.MINUTES); // the system may take a moment to forget it
            }
            assertThat(cluster.script("cluster", "status").status()).isEqualTo(1);
            assertThat(cluster.script("cluster", "down").status()).isZero();
        }
    }
}
