package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentProtocol;
import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trained model: scores of held-out documents and continuations, compared with the reference program. */
class TrainedModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A document for the first stage; the second scores all. */
    private static final String SHORT = "sea-007";

    private static Path source;

    @TempDir
    Path folder;

    @BeforeAll
    static void find() {
        assumeTrue(
                Fixtures.shared("models/tiny-bispikclm").isPresent(),
                "skipped: ../shared/models/tiny-bispikclm is absent");
        source = Fixtures.shared("models/tiny-bispikclm").orElseThrow();
    }

    @Test
    void int8DocumentsScoreWhatTheReferenceSays() throws IOException {
        compareScores(source, folder, "int8", DType.INT8, 1e-9, SHORT::equals);
    }

    @Test
    @Tag("cluster")
    void everyInt8DocumentScoresWhatTheReferenceSays() throws IOException {
        compareScores(source, folder, "int8", DType.INT8, 1e-9, id -> true);
    }

    @Test
    void float32DocumentsScoreWhatTheReferenceSays() throws IOException {
        compareScores(source, folder, "fp32", DType.FLOAT32, 1e-3, SHORT::equals);
    }

    /** {@link SpikeMarginTest} has the others. */
    @Test
    @Tag("cluster")
    void everyFloat32DocumentOfTheSeaScoresWhatTheReferenceSays() throws IOException {
        compareScores(source, folder, "fp32", DType.FLOAT32, 1e-3, id -> id.startsWith("sea"));
    }

    /** @param tolerance relative, of the negative log-likelihood of each document */
    static void compareScores(
            Path source, Path folder, String reference, DType weights, double tolerance, Predicate<String> ids)
            throws IOException {
        List<ScoringDocument> documents = new ArrayList<>();
        for (String line : Files.readAllLines(source.resolve("heldout.jsonl"))) {
            JsonNode row = JSON.readTree(line);
            if (ids.test(row.get("id").textValue())) {
                documents.add(new ScoringDocument(
                        row.get("id").textValue(), row.get("text").textValue()));
            }
        }
        JsonNode expected =
                JSON.readTree(source.resolve("held_ref.json").toFile()).get(reference);
        List<String> seen = new ArrayList<>();
        try (SpikingModel model = SpikingModel.open(convert(source, folder, weights), Families.all());
                TokenScorer scorer = new TokenScorer(
                        model,
                        model.tokenizer().orElseThrow(),
                        List.of(new DocumentProtocol(256, 128)),
                        new TokenScorer.Options(64, false))) {
            scorer.score(documents.iterator()).forEachRemaining(unit -> {
                DocumentScore score = unit.scores().getFirst();
                assertThat(score.errorMessage()).isNull();
                JsonNode document = find(expected.get("documents"), score.rowId());
                double nll = document.get("nll").doubleValue();
                assertThat(score.scoredTokens())
                        .isEqualTo(document.get("tokens").intValue());
                assertThat(score.nll()).as(score.rowId()).isCloseTo(nll, Offset.offset(nll * tolerance));
                seen.add(score.rowId());
            });
        }
        assertThat(seen).hasSize(documents.size()).isNotEmpty();
    }

    private static JsonNode find(JsonNode documents, String id) {
        for (JsonNode document : documents) {
            if (document.get("id").textValue().equals(id)) {
                return document;
            }
        }
        throw new AssertionError("no document " + id);
    }

    @Test
    void int8GreedyTranscriptsAreTheReferences() throws IOException {
        JsonNode golden = JSON.readTree(source.resolve("greedy_golden.json").toFile());
        try (SpikingModel model = SpikingModel.open(convert(source, folder, DType.INT8), Families.all());
                Decoder decoder = new Decoder(model, 32)) {
            Tokenizer tokenizer = model.tokenizer().orElseThrow();
            for (JsonNode transcript : golden.get("cases")) {
                int[] prompt = BinaryCase.ints(transcript.get("prompt_ids"));
                int[] text = tokenizer.encode(transcript.get("prompt").textValue());
                assertThat(prompt).hasSize(text.length + 1).startsWith(2).endsWith(text);
                int[] expected = BinaryCase.ints(transcript.get("int8").get("new_tokens"));
                assertThat(greedy(decoder, prompt, expected.length)).isEqualTo(expected);
                assertThat(tokenizer.decode(expected))
                        .isEqualTo(transcript.get("int8").get("text").textValue());
            }
        }
    }

    static int[] greedy(Decoder decoder, int[] prompt, int count) {
        DecoderState state = decoder.allocate(prompt.length + count);
        int[] made = new int[count];
        int[] next = prompt;
        for (int k = 0; k < count; k++) {
            decoder.clear();
            int column = 0;
            for (int i = 0; i < next.length; i++) {
                column = decoder.add(state, next[i], i + 1 == next.length);
            }
            decoder.run();
            made[k] = decoder.kernels().argmax(decoder.logits(), decoder.logitsOffset(column), decoder.vocabulary());
            next = new int[] {made[k]};
        }
        decoder.release(state);
        return made;
    }

    /** The tokenizer is found in the checkpoint's folder. */
    private static Path convert(Path source, Path folder, DType weights) {
        Path output = folder.resolve(weights.toString());
        Converter.convert(
                new Converter.Options(
                        source.resolve("checkpoint.pt"),
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        weights,
                        weights,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        return output;
    }
}
