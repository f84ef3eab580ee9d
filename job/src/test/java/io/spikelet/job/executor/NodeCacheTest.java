package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelVerifier;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeCacheTest {
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
    void leasesOfOneModelShareOneDownloadThatOutlivesThem() throws IOException {
        ModelHandle handle = model("one", 1);

        try (StagedModel first = cache(PLENTY).lease(handle);
                StagedModel second = cache(PLENTY).lease(handle)) {
            assertThat(first.downloaded()).isTrue();
            assertThat(second.downloaded()).isFalse();
            assertThat(second.directory()).isEqualTo(first.directory());
            ModelVerifier.verify(first.directory(), Families.all());
        }

        try (StagedModel later = cache(PLENTY).lease(handle)) {
            assertThat(later.downloaded()).isFalse();
        }
    }

    @Test
    void aCopyThatWasDamagedIsStagedAgain() throws IOException {
        ModelHandle handle = model("one", 1);
        cache(PLENTY).lease(handle).close();
        Path weights = root.resolve(handle.manifestSha256()).resolve(ModelManifest.WEIGHTS_FILE);
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }

        try (StagedModel again = cache(PLENTY).lease(handle)) {
            assertThat(again.downloaded()).isTrue();
            ModelVerifier.verify(again.directory(), Families.all());
        }
    }

    @Test
    void weightsThatDoNotMatchTheManifestNeverBecomeVisible() throws IOException {
        ModelHandle handle = model("one", 1);
        Path weights = folder.resolve("one").resolve(ModelManifest.WEIGHTS_FILE);
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            int first = file.read();
            file.seek(0);
            file.write(~first);
        }

        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll("weights.bin", "SHA-256", "copy the whole model directory again");
        assertThat(directories()).isEmpty();
    }

    @Test
    void aManifestThatChangedSinceTheDriverReadItIsRefused() throws IOException {
        ModelHandle handle = model("one", 1);
        Files.writeString(folder.resolve("one").resolve(ModelManifest.FILE), "\n", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(handle.manifestSha256(), "replaced", "start it again");
        assertThat(directories()).isEmpty();
    }

    @Test
    void theLongestUnusedModelMakesRoomAndALeasedOneStays() throws IOException {
        ModelHandle leased = model("leased", 1);
        ModelHandle idle = model("idle", 2);
        ModelHandle next = model("next", 3);
        NodeCache cache = cache(2 * size("leased") + size("leased") / 2);

        try (StagedModel held = cache.lease(leased)) {
            cache.lease(idle).close();
            cache.lease(next).close();

            assertThat(directories()).containsExactlyInAnyOrder(leased.manifestSha256(), next.manifestSha256());
            ModelVerifier.verify(held.directory(), Families.all());
        }
    }

    @Test
    void aModelForWhichModelsInUseLeaveNoRoomIsRefused() throws IOException {
        ModelHandle leased = model("leased", 1);
        ModelHandle next = model("next", 2);
        NodeCache cache = cache(size("leased") + size("leased") / 2);

        try (StagedModel held = cache.lease(leased)) {
            assertThatThrownBy(() -> cache.lease(next))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("models in use", "--model-cache-size");
            assertThat(held.directory()).isDirectory();
        }
        cache.lease(next).close();
        assertThat(directories()).containsExactly(next.manifestSha256());
    }

    @Test
    void aModelLargerThanTheCacheIsRefusedBeforeItIsFetched() throws IOException {
        ModelHandle handle = model("one", 1);

        assertThatThrownBy(() -> cache(1000).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("1000", "--model-cache-size");
        assertThat(Files.readString(log)).doesNotContain("weights.bin");
    }

    private NodeCache cache(long limitBytes) {
        return new NodeCache(new NodeCacheSettings(root, limitBytes), CountedFileSystem.configuration(log, false));
    }

    private List<String> directories() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.filter(Files::isDirectory)
                    .map(file -> file.getFileName().toString())
                    .toList();
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
