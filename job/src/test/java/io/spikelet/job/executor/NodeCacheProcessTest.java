package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several JVMs and one cache. */
@Tag("cluster")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class NodeCacheProcessTest {
    private static final long PLENTY = 1L << 30;

    @TempDir
    private Path folder;

    private Path root;
    private Path log;

    @BeforeEach
    void prepare() {
        root = folder.resolve("cache");
        log = folder.resolve("opened.log");
    }

    @Test
    void fourProcessesWithAnEmptyCacheMakeOneDownload() throws IOException {
        ModelHandle handle = model("one", 1);
        List<StagerProcess> stagers = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                stagers.add(StagerProcess.start(root, PLENTY, handle, log, false));
            }
            List<String> outcomes = new ArrayList<>();
            for (StagerProcess stager : stagers) {
                outcomes.add(stager.outcome());
            }

            assertThat(outcomes)
                    .containsExactlyInAnyOrder(
                            StagerProcess.DOWNLOADED, StagerProcess.FOUND, StagerProcess.FOUND, StagerProcess.FOUND);
            assertThat(weightsOpened()).isEqualTo(1);
            ModelVerifier.verify(root.resolve(handle.manifestSha256()), Families.all());
        } finally {
            for (StagerProcess stager : stagers) {
                stager.close();
            }
        }
    }

    @Test
    void afterAKillInTheMiddleOfADownloadTheNextOneIsRight() throws Exception {
        ModelHandle handle = model("one", 1);
        Path directory = root.resolve(handle.manifestSha256());
        Path partial = root.resolve(handle.manifestSha256() + ".partial");
        StagerProcess killed = StagerProcess.start(root, PLENTY, handle, log, true);
        awaitHanging(killed);
        killed.kill();
        assertThat(partial).isDirectory();
        assertThat(directory).doesNotExist();

        try (StagerProcess next = StagerProcess.start(root, PLENTY, handle, log, false)) {
            assertThat(next.outcome()).isEqualTo(StagerProcess.DOWNLOADED);
        }

        ModelVerifier.verify(directory, Families.all());
        assertThat(names())
                .containsExactlyInAnyOrder("lock", handle.manifestSha256(), handle.manifestSha256() + ".lock");
    }

    @Test
    void whatAnotherProcessUsesIsNotEvictedAndWhatItLeftIs() throws Exception {
        ModelHandle used = model("used", 1);
        ModelHandle idle = model("idle", 2);
        ModelHandle wanted = model("wanted", 3);
        long roomForTwo = 2 * size("used") + size("used") / 2;
        NodeCache cache =
                new NodeCache(new NodeCacheSettings(root, roomForTwo), CountedFileSystem.configuration(log, false));
        try (StagerProcess user = StagerProcess.start(root, roomForTwo, used, log, false)) {
            assertThat(user.outcome()).isEqualTo(StagerProcess.DOWNLOADED);
            cache.lease(idle).close();

            cache.lease(wanted).close();
            assertThat(root.resolve(used.manifestSha256())).isDirectory();
            assertThat(root.resolve(idle.manifestSha256())).doesNotExist();
            user.kill();
        }

        cache.lease(idle).close();
        assertThat(root.resolve(used.manifestSha256())).doesNotExist();
        ModelVerifier.verify(root.resolve(wanted.manifestSha256()), Families.all());
        ModelVerifier.verify(root.resolve(idle.manifestSha256()), Families.all());
    }

    private void awaitHanging(StagerProcess stager) throws IOException {
        while (!Files.exists(log) || !Files.readString(log).contains(CountedFileSystem.HANGING)) {
            assertThat(stager.isAlive()).isTrue();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private long weightsOpened() throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter("weights.bin"::equals).count();
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private long size(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private ModelHandle model(String name, long seed) {
        Path directory = folder.resolve(name);
        Synthesizer.synthesize(Families.mappings().preset("tiny"), seed, directory, line -> {});
        return new ModelHandle(
                CountedFileSystem.uri(directory), ModelHandle.of(directory).manifestSha256());
    }
}
