package io.spikelet.engine;

import com.sun.management.ThreadMXBean;
import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.score.UnitScores;
import io.spikelet.engine.token.Tokenizer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * Prints how many bytes a token costs the garbage collector once all buffers exist and the compiler is done. Started by
 * {@link AllocationTest}.
 */
final class AllocationRates {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** Vectors are boxed until the kernels are compiled, so rounds are repeated until one costs little, at most so often. */
    private static final int ROUNDS = 400;

    private static final int LITTLE = 1024;
    private static final int ROWS = 12;
    private static final int NEW_TOKENS = 24;
    private static final long PREFIX_BYTES = 1_500_000; // ten prompts: full after the first round

    private AllocationRates() {}

    public static void main(String[] args) {
        try (SpikingModel model = SpikingModel.open(Path.of(args[0]), Families.all())) {
            for (int batch : new int[] {1, 8}) {
                System.out.println("generate, batch " + batch + ": " + generating(model, batch));
            }
            System.out.println("score: " + scoring(model));
        }
    }

    private static long generating(SpikingModel model, int batch) {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        SamplingParams params = SamplingParams.defaults(SymbolicLightSampler.V0_8B)
                .change()
                .maxNewTokens(NEW_TOKENS)
                .minP(0.01f)
                .repetitionPenalty(1.1f)
                .presencePenalty(0.1f)
                .frequencyPenalty(0.1f)
                .stopIds(19)
                .stopStrings(List.of("no such text", "\u00e9\u00e9"))
                .build();
        LogprobDetail detail = new LogprobDetail(5, true);
        Generator.Options options =
                new Generator.Options(batch, 24, false, 1L << 30, PREFIX_BYTES, Double.POSITIVE_INFINITY);
        Random random = new Random(1);
        long rate = Long.MAX_VALUE;
        try (Generator generator = new Generator(model, tokenizer, options)) {
            for (int round = 0; round < ROUNDS && rate > LITTLE; round++) {
                List<GenerationRequest> requests = new ArrayList<>();
                for (int i = 0; i < ROWS; i++) {
                    int[] prompt = random.ints(6 + i, 20, 4000).toArray();
                    requests.add(new GenerationRequest("row-" + i, prompt, params, round, 0, detail));
                }
                Iterator<Completion> completions = generator.generate(requests.iterator());
                long before = THREADS.getCurrentThreadAllocatedBytes();
                long tokens = 0;
                while (completions.hasNext()) {
                    tokens += completions.next().tokenIds().length;
                }
                rate = (THREADS.getCurrentThreadAllocatedBytes() - before) / tokens;
            }
        }
        return rate;
    }

    private static long scoring(SpikingModel model) {
        TokenScorer.Options options = new TokenScorer.Options(24, true);
        long rate = Long.MAX_VALUE;
        try (TokenScorer scorer = new TokenScorer(
                model, model.tokenizer().orElseThrow(), List.of(new DocumentProtocol(64, 32)), options)) {
            for (int round = 0; round < ROUNDS && rate > LITTLE; round++) {
                List<ScoringDocument> documents = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    documents.add(new ScoringDocument("document-" + i, "The whale came up. ".repeat(12 + i)));
                }
                long before = THREADS.getCurrentThreadAllocatedBytes();
                long tokens = 0;
                for (Iterator<UnitScores> scores = scorer.score(documents.iterator()); scores.hasNext(); ) {
                    tokens += scores.next().scores().getFirst().scoredTokens();
                }
                rate = (THREADS.getCurrentThreadAllocatedBytes() - before) / tokens;
            }
        }
        return rate;
    }
}
