package io.spikelet.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
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
    void aConfigurationBesideAModelAddsPiecesThatTextsAreNotEncodedWith() throws IOException {
        put(SENTENCE_PIECE, "sl_tokenizer.model");
        int pieces = TokenizerFiles.at(folder).tokenizer(SpecialTokens.NONE).vocabSize();
        configure(
                "\"active_vocab_size\": %d, \"indent_tokens\": {\"  \": %d, \"\\t\": %d}",
                pieces + 2, pieces, pieces + 1);

        TokenizerFiles files = TokenizerFiles.at(folder.resolve("sl_tokenizer.model"));
        files.writeTo(Files.createDirectory(folder.resolve("model")));
        Tokenizer tokenizer =
                TokenizerFiles.in(folder.resolve("model")).orElseThrow().tokenizer(SpecialTokens.NONE);

        assertThat(tokenizer.vocabSize()).isEqualTo(pieces + 2);
        assertThat(tokenizer.decode(new int[] {pieces, pieces + 1, pieces})).isEqualTo("  \t  ");
        assertThat(tokenizer.piece(pieces + 1)).isEqualTo("\t");
        assertThat(tokenizer.encode("a  b\tc"))
                .isEqualTo(SentencePieceTokenizer.load(SENTENCE_PIECE).encode("a  b\tc"));
        assertThat(TokenizerFiles.at(folder).sha256()).isEqualTo(files.sha256());

        configure("\"model_max_length\": 1000000000000000019884624838656");
        assertThat(TokenizerFiles.at(folder).tokenizer(SpecialTokens.NONE).vocabSize())
                .isEqualTo(pieces);
        for (String bad : List.of(
                "{\"  \": 7}", "{\"  \": 5000, \"\\t\": 5000}", "{\"\": 4096}", "{\" \": \"x\"}", "{\" \": 1e9}")) {
            configure("\"indent_tokens\": " + bad);
            TokenizerFiles damaged = TokenizerFiles.at(folder);
            assertThatThrownBy(() -> damaged.tokenizer(SpecialTokens.NONE))
                    .as(bad)
                    .isInstanceOf(TokenizerFormatException.class)
                    .hasMessageContaining("tokenizer_config.json");
        }
    }

    private void configure(String fields, Object... values) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{" + fields.formatted(values) + "}");
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
