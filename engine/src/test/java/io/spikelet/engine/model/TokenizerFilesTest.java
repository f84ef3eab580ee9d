package io.spikelet.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.TokenizerFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokenizer a path or a folder means. */
class TokenizerFilesTest {
    private static final Path SENTENCE_PIECE = Fixtures.projectRoot().resolve("datasets/models/tiny/tokenizer.model");
    private static final Path BYTE_LEVEL = Fixtures.projectRoot().resolve("datasets/models/tiny-bispikclm");

    @TempDir
    Path folder;

    private void put(Path source, String name) throws IOException {
        Files.copy(source, folder.resolve(name));
    }

    @Test
    void aFileSaysItsKind() throws IOException {
        put(SENTENCE_PIECE, "sl_tokenizer.model");
        put(BYTE_LEVEL.resolve("vocab.json"), "vocab.json");
        put(BYTE_LEVEL.resolve("merges.txt"), "merges.txt");
        TokenizerFiles model = TokenizerFiles.at(folder.resolve("sl_tokenizer.model"));
        assertThat(model.names()).containsExactly("tokenizer.model");
        assertThat(model.sha256()).isEqualTo(Sha256.ofFile(SENTENCE_PIECE));
        for (String name : List.of("vocab.json", "merges.txt")) {
            TokenizerFiles pair = TokenizerFiles.at(folder.resolve(name));
            assertThat(pair.names()).containsExactly("vocab.json", "merges.txt");
            assertThat(pair.tokenizer(SpecialTokens.NONE).decode(new int[] {48, 92}))
                    .isEqualTo("My");
        }
    }

    @Test
    void aFolderSaysWhatItHolds() throws IOException {
        assertThat(TokenizerFiles.inFolder(folder)).isEmpty();
        assertThatThrownBy(() -> TokenizerFiles.at(folder))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("holds no tokenizer");
        put(SENTENCE_PIECE, "sl_tokenizer.model");
        assertThat(TokenizerFiles.in(folder)).isEmpty();
        assertThat(TokenizerFiles.at(folder).names()).containsExactly("tokenizer.model");
        put(SENTENCE_PIECE, "other.model");
        assertThat(TokenizerFiles.inFolder(folder))
                .as("two, so it is not clear which")
                .isEmpty();
        put(BYTE_LEVEL.resolve("vocab.json"), "vocab.json");
        assertThat(TokenizerFiles.inFolder(folder)).isEmpty();
        put(BYTE_LEVEL.resolve("merges.txt"), "merges.txt");
        assertThat(TokenizerFiles.at(folder).names()).containsExactly("vocab.json", "merges.txt");
    }

    @Test
    void whatIsWrittenIsFoundAgain() throws IOException {
        TokenizerFiles files = TokenizerFiles.at(BYTE_LEVEL);
        files.writeTo(folder);
        assertThat(TokenizerFiles.in(folder).orElseThrow().sha256()).isEqualTo(files.sha256());
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        put(BYTE_LEVEL.resolve("vocab.json"), "vocab.json");
        assertThatThrownBy(() -> TokenizerFiles.at(folder.resolve("vocab.json")))
                .hasMessageContaining("merges.txt")
                .hasMessageContaining("belong together");
        assertThatThrownBy(() -> TokenizerFiles.at(folder.resolve("absent.model")))
                .hasMessageContaining("there is no tokenizer");
    }
}
