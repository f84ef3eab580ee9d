package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links in the folders of a cache: none is followed, so that what it leads to is neither read, written nor deleted. */
final class NodeCacheLinksTest {
    private static final Path MODEL =
            Path.of("../datasets/models/tiny").toAbsolutePath().normalize();
    private static final String TOKENIZER = "tokenizer.model";

    @TempDir
    private Path folder;

    private NodeCache cache;
    private ModelHandle handle;
    private Path staged;
    private Path outside;

    @BeforeEach
    void stage() throws IOException {
        Path root = folder.resolve("cache");
        Path copy = Files.createDirectory(folder.resolve("model"));
        for (String name : new String[] {ModelManifest.FILE, ModelManifest.WEIGHTS_FILE, TOKENIZER}) {
            Files.copy(MODEL.resolve(name), copy.resolve(name));
        }
        handle = new ModelHandle(
                CountedFileSystem.uri(copy), ModelHandle.of(copy).manifestSha256());
        cache = new NodeCache(
                new NodeCacheSettings(root, 1L << 30), CountedFileSystem.configuration(folder.resolve("log"), false));
        cache.lease(handle).close();
        staged = root.resolve(handle.manifestSha256());
        outside = Files.createDirectory(folder.resolve("outside"));
    }

    /** The same bytes elsewhere, which somebody else could change once they are trusted. */
    @ParameterizedTest
    @ValueSource(strings = {ModelManifest.FILE, ModelManifest.WEIGHTS_FILE, TOKENIZER})
    void aFileThatIsALinkIsStagedAgain(String name) throws IOException {
        Path target = Files.move(staged.resolve(name), outside.resolve(name));
        byte[] bytes = Files.readAllBytes(target);
        Files.createSymbolicLink(staged.resolve(name), target);

        try (StagedModel again = cache.lease(handle)) {
            assertThat(again.downloaded()).isTrue();
            assertThat(Files.isSymbolicLink(again.directory().resolve(name))).isFalse();
            ModelVerifier.verify(again.directory(), Families.all());
        }
        assertThat(target).hasBinaryContent(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {ModelManifest.FILE, ModelManifest.WEIGHTS_FILE, TOKENIZER})
    void aFileThatIsALinkToNothingIsStagedAgainAndNothingIsMadeThere(String name) throws IOException {
        Files.delete(staged.resolve(name));
        Files.createSymbolicLink(staged.resolve(name), outside.resolve("nothing"));

        try (StagedModel again = cache.lease(handle)) {
            assertThat(again.downloaded()).isTrue();
            ModelVerifier.verify(again.directory(), Families.all());
        }
        assertThat(outside).isEmptyDirectory();
    }

    /** Of a download that was broken off, of what is being deleted, and of a model that must be staged again. */
    @ParameterizedTest
    @ValueSource(strings = {"", ".partial", ".evicted"})
    void linksInWhatIsDeletedAreDeletedAlone(String ending) throws IOException {
        Path precious = Files.writeString(outside.resolve("precious"), "bytes");
        Path deep = Files.createDirectories(outside.resolve("deep/deeper"));
        Files.writeString(deep.resolve("file"), "more bytes");
        Path left = Files.createDirectories(staged.resolveSibling(staged.getFileName() + ending));
        Path inner = Files.createDirectory(left.resolve("inner"));
        Files.createSymbolicLink(left.resolve("to-folder"), outside);
        Files.createSymbolicLink(left.resolve("to-file"), precious);
        Files.createSymbolicLink(inner.resolve("to-folder"), outside);
        Files.createSymbolicLink(inner.resolve("to-nothing"), folder.resolve("nothing"));
        Files.deleteIfExists(staged.resolve(ModelManifest.WEIGHTS_FILE)); // so that it is staged again

        try (StagedModel again = cache.lease(handle)) {
            assertThat(again.downloaded()).isTrue();
            ModelVerifier.verify(again.directory(), Families.all());
        }

        assertThat(precious).hasContent("bytes");
        assertThat(deep.resolve("file")).hasContent("more bytes");
        try (Stream<Path> files = Files.list(staged)) {
            assertThat(files).noneMatch(Files::isSymbolicLink);
        }
        assertThat(folder.resolve("cache/" + handle.manifestSha256() + ".partial"))
                .doesNotExist();
    }

    /** A download writes to files that it has made: nothing that lies in its folder from before is written through. */
    @Test
    void aDownloadWritesThroughNoLink() throws IOException {
        Map<String, Path> targets = new HashMap<>();
        Path partial = Files.createDirectory(staged.resolveSibling(staged.getFileName() + ".partial"));
        for (String name : new String[] {ModelManifest.FILE, ModelManifest.WEIGHTS_FILE, TOKENIZER}) {
            Path target = Files.writeString(outside.resolve(name), "precious " + name);
            Files.createSymbolicLink(partial.resolve(name), target);
            targets.put(name, target);
        }
        CacheEviction.delete(staged);

        try (StagedModel again = cache.lease(handle)) {
            assertThat(again.downloaded()).isTrue();
        }

        targets.forEach((name, target) -> assertThat(target).hasContent("precious " + name));
    }
}
