package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
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

    @Test
    void weightsOfTheSameSizeThatWereAlteredAreStagedAgain() throws IOException {
        ModelHandle handle = model("one", 1);
        cache(PLENTY).lease(handle).close();
        Path weights = root.resolve(handle.manifestSha256()).resolve(ModelManifest.WEIGHTS_FILE);
        FileTime time = Files.getLastModifiedTime(weights);
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            int first = file.read();
            file.seek(0);
            file.write(~first);
        }
        Files.setLastModifiedTime(weights, time);

        try (StagedModel again = cache(PLENTY).lease(handle)) {
            assertThat(again.downloaded()).isTrue();
            ModelVerifier.verify(again.directory(), Families.all());
        }
        try (StagedModel found = cache(PLENTY).lease(handle)) {
            assertThat(found.downloaded()).isFalse();
        }
    }

    @Test
    void weightsThatOnlyLookChangedAreKept() throws IOException {
        ModelHandle handle = model("one", 1);
        cache(PLENTY).lease(handle).close();
        Path weights = root.resolve(handle.manifestSha256()).resolve(ModelManifest.WEIGHTS_FILE);
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000));

        try (StagedModel found = cache(PLENTY).lease(handle)) {
            assertThat(found.downloaded()).isFalse();
        }
    }

    @Test
    void linksInTheCacheAreTakenAwayAndWhatTheyLeadToStays() throws IOException {
        ModelHandle handle = model("one", 1);
        cache(PLENTY).lease(handle).close();
        CacheEviction.delete(root.resolve(handle.manifestSha256()));
        Path outside = Files.createDirectories(folder.resolve("outside"));
        for (String ending : List.of("", ".partial", ".evicted")) {
            Path precious = Files.writeString(outside.resolve("precious"), "bytes");
            Files.writeString(outside.resolve(ModelManifest.FILE), "{}");
            Files.createSymbolicLink(root.resolve(handle.manifestSha256() + ending), outside);

            try (StagedModel staged = cache(PLENTY).lease(handle)) {
                assertThat(staged.downloaded()).isTrue();
                assertThat(staged.directory()).isDirectory().isNotEqualTo(outside);
                assertThat(Files.isSymbolicLink(staged.directory())).isFalse();
            }
            assertThat(precious).hasContent("bytes");
            CacheEviction.delete(root.resolve(handle.manifestSha256()));
        }
    }

    @Test
    void aLinkInPlaceOfALockIsNotWrittenThrough() throws IOException {
        ModelHandle handle = model("one", 1);
        ModelHandle next = model("next", 2);
        Path precious = Files.writeString(folder.resolve("precious"), "bytes");
        cache(PLENTY).lease(handle).close();
        for (String name : List.of(handle.manifestSha256() + ".lock", "lock")) {
            Files.delete(root.resolve(name));
            Files.createSymbolicLink(root.resolve(name), precious);
        }

        cache(PLENTY).lease(next).close();
        cache(PLENTY).lease(handle).close();

        assertThat(precious).hasContent("bytes");
    }

    @Test
    void aCacheThatOthersCanWriteOrThatIsALinkIsRefused() throws IOException {
        ModelHandle handle = model("one", 1);
        Files.createDirectory(root);
        for (String mode : List.of("rwxrwx---", "rwx----w-", "rwxrwxrwx")) {
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString(mode));
            assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(root.toString(), mode, "chmod go-w", "--model-cache");
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Path real = Files.move(root, folder.resolve("real"));
        Files.createSymbolicLink(root, real);
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(root.toString(), "symbolic link", "--model-cache");
        Files.delete(root);
        Files.writeString(root, "a file");
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is no folder");
        assertThat(log).doesNotExist();
    }

    @Test
    void aFolderAboveThatOthersCanWriteIsRefused() throws IOException {
        ModelHandle handle = model("one", 1);
        Path above = Files.createDirectory(folder.resolve("above"));
        root = above.resolve("cache");
        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxr-xrwx"));
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(root.toString(), "in which others can put", "chmod go-w " + above);
        Files.setAttribute(above, "unix:mode", 01777); // as /tmp
        cache(PLENTY).lease(handle).close();

        Files.setPosixFilePermissions(above, PosixFilePermissions.fromString("rwxrwxr-x"));
        cache(PLENTY).lease(handle).close(); // a group of the user's name
        assumeTrue(PrivateFolder.user().getName().equals("root"), "only root can give folders to any group");
        Files.setAttribute(above, "unix:gid", 54321);
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(root.toString(), "in which others can put", "rwxrwxr-x");
    }

    @Test
    void aCacheOfAnotherUserIsRefused() throws IOException {
        assumeTrue(PrivateFolder.user().getName().equals("root"), "only root can give folders away");
        ModelHandle handle = model("one", 1);
        Files.createDirectory(root);
        UserPrincipal nobody =
                root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");

        Files.setOwner(root, nobody);
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("belongs to nobody", "--model-cache");

        Files.setOwner(root, PrivateFolder.user());
        Path above = folder.resolve("theirs");
        Files.createDirectory(above);
        Files.setOwner(above, nobody);
        root = above.resolve("cache");
        assertThatThrownBy(() -> cache(PLENTY).lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("lies in " + above, "nobody");
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
