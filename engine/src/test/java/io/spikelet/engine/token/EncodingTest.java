package io.spikelet.engine.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodingTest {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "The whale rose.",
            "  two   spaces  at   places  ",
            "naïve café, über 𝔘nicode 🐋🐋 and ﬁ ligatures",
            "line\n\nbreaks\tand\u00a0spaces\u3000",
            "日本語のテキスト と 中文",
            "\u0000\u0001 control \uFFFD");

    @Test
    void spansLieSideBySideAndCoverTheText() throws IOException {
        for (String model : List.of("symboliclight-0.8b.model", "symboliclight-194m.model")) {
            assumeTrue(
                    Fixtures.shared("tokenizers/" + model).isPresent(),
                    "../shared/tokenizers is absent: the released tokenizers are not checked");
            SentencePieceTokenizer tokenizer = SentencePieceTokenizer.load(
                    Fixtures.shared("tokenizers/" + model).orElseThrow());
            for (String text : TEXTS) {
                Encoding encoding = tokenizer.locate(text);
                assertThat(encoding.ids()).isEqualTo(tokenizer.encode(text));
                int[] edges = encoding.edges();
                assertThat(edges).hasSize(encoding.ids().length + 1).isSorted();
                if (encoding.ids().length > 0) {
                    assertThat(edges[0]).isZero();
                    assertThat(edges[edges.length - 1]).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
                }
            }
        }
    }

    @Test
    void aTokenStandsWhereItsPieceDoes() throws IOException {
        assumeTrue(
                Fixtures.shared("tokenizers/symboliclight-0.8b.model").isPresent(),
                "../shared/tokenizers is absent: the released tokenizers are not checked");
        SentencePieceTokenizer tokenizer = SentencePieceTokenizer.load(
                Fixtures.shared("tokenizers/symboliclight-0.8b.model").orElseThrow());
        String text = "Call me Ishmael. Some years ago - never mind how long precisely - naïve 🐋 whales.";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Encoding encoding = tokenizer.locate(text);
        int checked = 0;
        for (int i = 0; i < encoding.ids().length; i++) {
            String piece = tokenizer.piece(encoding.ids()[i]);
            if (!piece.startsWith("<")) {
                byte[] span = Arrays.copyOfRange(bytes, encoding.edges()[i], encoding.edges()[i + 1]);
                assertThat(new String(span, StandardCharsets.UTF_8).strip())
                        .isEqualTo(piece.replace("\u2581", " ").strip());
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(15);
    }
}
