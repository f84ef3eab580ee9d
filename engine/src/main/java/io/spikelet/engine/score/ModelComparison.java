package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.decode.NonFiniteLogitsException;
import io.spikelet.engine.decode.SoftmaxStatistics;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Runs two models over the same windows of a perplexity protocol, so that complete distributions can be compared
 * without storing them. A model compared with itself has a divergence of exactly 0.
 *
 * <p>Not thread-safe; one per task. The models are shared and stay open.
 */
public final class ModelComparison implements AutoCloseable {
    private final Decoder model;
    private final Decoder baseline;
    private final int columns; // per pass, for both models
    private final Tokenizer tokenizer;
    private final PerplexityProtocol protocol;
    private final double timeoutSeconds;

    /**
     * @param tokenizer of both models
     * @param maxColumns maximum number of positions in one pass; fewer if memory is short
     * @param timeoutSeconds maximum time per document
     * @param concurrentTasks number of tasks that share the heap; memory is planned so that the states and buffers of
     *     both models fit for all tasks
     * @throws IllegalArgumentException if the models have different vocabulary sizes, or the tokenizer does not fit
     *     them
     */
    public ModelComparison(
            SpikingModel model,
            SpikingModel baseline,
            Tokenizer tokenizer,
            PerplexityProtocol protocol,
            int maxColumns,
            double timeoutSeconds,
            int concurrentTasks) {
        int vocabulary = model.config().vocabSize();
        if (baseline.config().vocabSize() != vocabulary || tokenizer.vocabSize() > vocabulary) {
            throw new IllegalArgumentException("the models have " + vocabulary + " and "
                    + baseline.config().vocabSize() + " ids and the tokenizer " + tokenizer.vocabSize()
                    + "; only models of one vocabulary can be compared");
        }
        MemoryPlan plan = MemoryPlan.forOneOfTwo(model, maxColumns, concurrentTasks);
        MemoryPlan baselinePlan = MemoryPlan.forOneOfTwo(baseline, maxColumns, concurrentTasks);
        this.model = plan.scoringDecoder(model);
        this.baseline = baselinePlan.scoringDecoder(baseline);
        this.columns = Math.min(plan.maxColumns(), baselinePlan.maxColumns());
        this.tokenizer = tokenizer;
        this.protocol = protocol;
        this.timeoutSeconds = timeoutSeconds;
    }

    /**
     * Compares the models on a document. On failure the result has one of the error classes {@code null_input}, {@code
     * empty_input}, {@code timeout} and {@code engine_error}.
     */
    public Comparison compare(ScoringDocument document) {
        if (document == null || document.rowId() == null || document.text() == null) {
            return Comparison.error(
                    document == null ? null : document.rowId(), "null_input", "the document or its text is null");
        }
        try {
            int[] ids = tokenizer.encode(document.text());
            BosPolicy bos = protocol.isPrefixed() ? BosPolicy.PREPEND : BosPolicy.NONE;
            int[] sequence = bos.apply(tokenizer, ids);
            List<Window> windows = protocol.windows(sequence.length);
            if (windows.isEmpty()) {
                return Comparison.error(
                        document.rowId(), "empty_input", "the text has " + ids.length + " tokens; none is scored");
            }
            Measures measures =
                    new Measures(windows.stream().mapToInt(Window::scored).sum(), sequence.length - ids.length);
            long start = System.nanoTime();
            for (Window window : windows) {
                if (!run(window, sequence, measures, start)) {
                    return Comparison.error(
                            document.rowId(),
                            "timeout",
                            "the document was not compared within " + timeoutSeconds
                                    + " s: allow more time, or cut it into several");
                }
            }
            return measures.comparison(document, ids.length);
        } catch (RuntimeException e) {
            NonFiniteLogitsException.blameModel(e, model.model());
            NonFiniteLogitsException.blameModel(e, baseline.model());
            return Comparison.error(document.rowId(), "engine_error", e.toString());
        }
    }

    /** Runs one window; returns whether it was finished in time. */
    private boolean run(Window window, int[] sequence, Measures measures, long start) {
        DecoderState modelState = model.allocate(window.positions());
        try {
            DecoderState baselineState = baseline.allocate(window.positions());
            try {
                for (int from = window.begin(); from < window.end(); from += columns) {
                    int to = Math.min(window.end(), from + columns);
                    int first = feed(model, modelState, sequence, from, to, window);
                    feed(baseline, baselineState, sequence, from, to, window);
                    for (int i = Math.max(from, window.scoreFrom() - 1); i < to; i++) {
                        measures.add(first + i - from, i + 1, sequence[i + 1]);
                    }
                    if ((System.nanoTime() - start) / 1e9 > timeoutSeconds) {
                        return false;
                    }
                }
                measures.add(model.operations(modelState), baseline.operations(baselineState));
                return true;
            } finally {
                baseline.release(baselineState);
            }
        } finally {
            model.release(modelState);
        }
    }

    private static int feed(Decoder decoder, DecoderState state, int[] sequence, int from, int to, Window window) {
        decoder.clear();
        int first = -1;
        for (int i = from; i < to; i++) {
            int column = decoder.add(state, sequence[i], i + 1 >= window.scoreFrom());
            first = i == from ? column : first;
        }
        decoder.run();
        return first;
    }

    @Override
    public void close() {
        model.close();
        baseline.close();
    }

    /** The measurements of a document so far. */
    private final class Measures {
        private final int prefix;
        private final int[] positions;
        private final int[] tokenIds;
        private final double[] nlls;
        private final double[] baselineNlls;
        private final double[] divergences;
        private final boolean[] sameTops;
        private OperationCounts operations = OperationCounts.NONE; // of the windows that are done
        private OperationCounts baselineOperations = OperationCounts.NONE;
        private int count;

        Measures(int scored, int prefix) {
            this.prefix = prefix;
            positions = new int[scored];
            tokenIds = new int[scored];
            nlls = new double[scored];
            baselineNlls = new double[scored];
            divergences = new double[scored];
            sameTops = new boolean[scored];
        }

        void add(int column, int target, int tokenId) {
            int at = model.logitsOffset(column);
            int baseAt = baseline.logitsOffset(column);
            int vocabulary = model.vocabulary();
            double logSum = SoftmaxStatistics.logSumExp(model.kernels(), model.logits(), at, vocabulary);
            double baseLogSum = SoftmaxStatistics.logSumExp(baseline.kernels(), baseline.logits(), baseAt, vocabulary);
            positions[count] = target - prefix;
            tokenIds[count] = tokenId;
            nlls[count] = logSum - model.logits()[at + tokenId];
            baselineNlls[count] = baseLogSum - baseline.logits()[baseAt + tokenId];
            divergences[count] = SoftmaxStatistics.divergence(
                    baseline.logits(), baseAt, baseLogSum, model.logits(), at, logSum, vocabulary);
            sameTops[count] = model.kernels().argmax(model.logits(), at, vocabulary)
                    == baseline.kernels().argmax(baseline.logits(), baseAt, vocabulary);
            count++;
        }

        void add(OperationCounts took, OperationCounts baselineTook) {
            operations = operations.plus(took);
            baselineOperations = baselineOperations.plus(baselineTook);
        }

        Comparison comparison(ScoringDocument document, int tokens) {
            long same = 0;
            for (boolean isSame : sameTops) {
                same += isSame ? 1 : 0;
            }
            return new Comparison(
                    document.rowId(),
                    tokens,
                    TextLength.of(document.text()),
                    Arrays.stream(nlls).reduce(0, Double::sum),
                    Arrays.stream(baselineNlls).reduce(0, Double::sum),
                    Arrays.stream(divergences).reduce(0, Double::sum),
                    same,
                    positions,
                    tokenIds,
                    nlls,
                    baselineNlls,
                    divergences,
                    sameTops,
                    operations,
                    baselineOperations,
                    null,
                    null);
        }
    }
}
