package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every protocol on the first lines of WikiText-2's test set, about 9 kB of its 1.3 MB to bound the time, against a slow
 * reference that is written from the definition alone: lists of tokens, a fresh model for each window, one token at a
 * time. Nothing here knows the windows of the code under test.
 */
class ReferencePerplexityTest {
    private static final String TEXT = "wikitext-2/test.txt";
    private static final int BYTES = 9_000;
    private static final int M = 48;
    private static final int S = 20;
    private static final double RELATIVE = 1e-9;

    private static SpikingModel model;
    private static String text;
    private static List<Integer> t;
    private static int bos;

    /** Sums of what was scored. */
    private static final class Sums {
        private double nll;
        private double weight;
        private double squares;
        private int count;

        void add(List<Double> nlls, double each) {
            for (double one : nlls) {
                nll += each * one;
                squares += each * one * one;
                weight += each;
                count++;
            }
        }
    }

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(Fixtures.shared(TEXT).isPresent(), "../shared/" + TEXT + " is absent: no protocol is compared");
        Path file = Fixtures.shared(TEXT).orElseThrow();
        byte[] head = Arrays.copyOf(Files.readAllBytes(file), BYTES);
        text = new String(head, StandardCharsets.UTF_8);
        text = text.substring(0, text.lastIndexOf('\n'));
        model = SpikingModel.open(Fixtures.projectRoot().resolve("datasets/models/tiny"), Families.all());
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        t = Arrays.stream(tokenizer.encode(text)).boxed().toList();
        bos = tokenizer.bosId();
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    /** -ln p of the last {@code scored} of the tokens after the input's, from a fresh state. */
    private static List<Double> nlls(List<Integer> input, List<Integer> labels, int scored) {
        List<Double> nlls = new ArrayList<>();
        try (Decoder decoder = new Decoder(model, 1)) {
            DecoderState state = decoder.allocate(input.size());
            for (int i = 0; i < input.size(); i++) {
                decoder.clear();
                int column = decoder.add(state, input.get(i), true);
                decoder.run();
                if (i >= input.size() - scored) {
                    double[] logits = new double[decoder.vocabulary()];
                    for (int id = 0; id < logits.length; id++) {
                        logits[id] = decoder.logits()[decoder.logitsOffset(column) + id];
                    }
                    double max = Arrays.stream(logits).max().orElseThrow();
                    double sum =
                            Arrays.stream(logits).map(x -> Math.exp(x - max)).sum();
                    nlls.add(max + Math.log(sum) - logits[labels.get(i)]);
                }
            }
        }
        return nlls;
    }

    private static List<Integer> withBos() {
        List<Integer> u = new ArrayList<>(List.of(bos));
        u.addAll(t);
        return u;
    }

    private static DocumentScore score(String protocol) {
        try (TokenScorer scorer = new TokenScorer(
                model,
                model.tokenizer().orElseThrow(),
                List.of(PerplexityProtocol.parse(protocol, M, S)),
                new TokenScorer.Options(64, false))) {
            return scorer.score(List.of(new ScoringDocument("wikitext", text)).iterator())
                    .next()
                    .scores()
                    .getFirst();
        }
    }

    private static DocumentScore compare(String protocol, Sums expected) {
        DocumentScore score = score(protocol);
        assertThat(score.errorMessage()).isNull();
        assertThat(score.scoredTokens()).isEqualTo(expected.count);
        NllSummary summary = new NllSummary();
        summary.add(score);
        double perplexity = Math.exp(expected.nll / expected.weight);
        assertThat(summary.perplexity()).isCloseTo(perplexity, within(RELATIVE * perplexity));
        assertThat(score.nll()).isCloseTo(expected.nll, within(RELATIVE * expected.nll));
        System.out.printf("%-15s %5d tokens  perplexity %.6f%n", protocol, expected.count, perplexity);
        return score;
    }

    @Test
    void document() {
        List<Integer> u = withBos();
        Sums sums = new Sums();
        int previousEnd = 1;
        for (int begin = 0; ; begin += S) {
            int end = Math.min(begin + M, u.size());
            sums.add(nlls(u.subList(begin, end - 1), u.subList(begin + 1, end), end - previousEnd), 1);
            previousEnd = end;
            if (end == u.size()) {
                break;
            }
        }
        assertThat(sums.count).isEqualTo(t.size());
        compare("document", sums);
    }

    @Test
    void block() {
        List<Integer> u = withBos();
        Sums sums = new Sums();
        for (int i = 0; i * M < t.size(); i++) {
            List<Integer> labels = u.subList(i * M + 1, Math.min((i + 1) * M + 1, u.size()));
            sums.add(nlls(u.subList(i * M, i * M + labels.size()), labels, labels.size()), 1);
        }
        assertThat(sums.count).isEqualTo(t.size());
        compare("block", sums);
    }

    @Test
    void stream() {
        List<Integer> u = withBos();
        Sums sums = new Sums();
        sums.add(nlls(u.subList(0, t.size()), t, t.size()), 1);
        compare("stream", sums);
    }

    @Test
    void lmEval() {
        Sums sums = new Sums();
        int n = t.size();
        int k = Math.min(M, n);
        List<Integer> first = new ArrayList<>(List.of(bos));
        first.addAll(t.subList(0, k - 1));
        sums.add(nlls(first, t.subList(0, k), k), 1);
        int predicted = k;
        while (predicted < n) {
            int r = Math.min(n - predicted, M);
            int e = predicted + r;
            sums.add(nlls(t.subList(e - M - 1, e - 1), t.subList(e - M, e), r), 1);
            predicted = e;
        }
        DocumentScore score = compare("lm-eval", sums);
        NllSummary summary = new NllSummary();
        summary.add(score);
        int words = text.split("(?U)[\\s\\x1c-\\x1f]+", -1).length;
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        assertThat(summary.wordPerplexity())
                .isCloseTo(Math.exp(sums.nll / words), within(RELATIVE * Math.exp(sums.nll / words)));
        assertThat(summary.bitsPerByte()).isCloseTo(sums.nll / bytes / Math.log(2), within(RELATIVE));
        assertThat(summary.bytePerplexity()).isCloseTo(Math.exp(sums.nll / bytes), within(1e-8));
    }

    @Test
    void llamacppChunk() {
        List<Integer> x = withBos();
        Sums sums = new Sums();
        for (int i = 0; i < x.size() / M; i++) {
            List<Integer> chunk = new ArrayList<>(x.subList(i * M, (i + 1) * M));
            List<Integer> labels = List.copyOf(chunk.subList(1, M));
            Collections.replaceAll(chunk.subList(0, 1), chunk.getFirst(), bos);
            List<Double> all = nlls(chunk.subList(0, M - 1), labels, M - 1);
            sums.add(IntStream.rangeClosed(M / 2, M - 2).mapToObj(all::get).toList(), 1); // targets x[j + 1]
        }
        DocumentScore score = compare("llamacpp-chunk", sums);
        NllSummary summary = new NllSummary();
        summary.add(score);
        double mean = sums.nll / sums.count;
        double error = Math.exp(mean) * Math.sqrt((sums.squares / sums.count - mean * mean) / (sums.count - 1));
        assertThat(summary.tokenStandardError()).isCloseTo(error, within(1e-8 * error));
    }

    @Test
    void hfGuide() {
        Sums published = new Sums();
        Sums exact = new Sums();
        int previousEnd = 0;
        for (int begin = 0; ; begin += S) {
            int end = Math.min(begin + M, t.size());
            int trg = end - previousEnd;
            int labels = Math.min(trg, end - begin - 1); // the shift loses a window's first token
            List<Double> nlls = nlls(t.subList(begin, end - 1), t.subList(begin + 1, end), labels);
            double mean = nlls.stream().mapToDouble(x -> x).sum() / labels;
            published.nll += mean * (trg - 1);
            published.weight += trg - 1;
            published.count += labels;
            exact.add(nlls, 1);
            previousEnd = end;
            if (end == t.size()) {
                break;
            }
        }
        compare("hf-guide", published);
        compare("hf-guide-exact", exact);
    }
}
