package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.EarlyExitPass;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.PassColumns;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * Runs forward passes. A pass advances any mix of positions: one token of each of several sequences, a block of a
 * prompt, or both. The bits of a position's logits depend only on its sequence, never on the other columns of the pass
 * or on how the sequence was split into passes.
 *
 * <pre>{@code
 * decoder.clear();
 * int column = decoder.add(state, token, true);
 * decoder.run();
 * float logit = decoder.logits()[decoder.logitsOffset(column) + id];
 * }</pre>
 *
 * <p>Not thread-safe; one per task.
 */
public final class Decoder implements AutoCloseable {
    private final SpikingModel model;
    private final Kernels kernels;
    private final int vocabulary;
    private final StatePool states;
    private final ForwardPass pass;
    private final PassColumns columns;
    private final DecoderState[] sequences; // (column)
    private final float[] logits; // (logits row, vocabulary)
    private long positions;

    /** Creates a decoder whose logits cover the model's whole vocabulary. */
    public Decoder(SpikingModel model, int maxColumns) {
        this(model, maxColumns, model.config().vocabSize());
    }

    /**
     * @param maxColumns maximum number of positions in one pass
     * @param vocabulary logits are computed only for ids below this
     */
    public Decoder(SpikingModel model, int maxColumns, int vocabulary) {
        this(model, maxColumns, vocabulary, model.kernels());
    }

    /** Creates a decoder with the given kernels, for comparisons. */
    public Decoder(SpikingModel model, int maxColumns, int vocabulary, Kernels kernels) {
        this(model, maxColumns, vocabulary, kernels, Runtime.getRuntime().maxMemory());
    }

    /** @param stateBytes maximum memory of all states, in use or released */
    Decoder(SpikingModel model, int maxColumns, int vocabulary, Kernels kernels, long stateBytes) {
        FamilyConfig config = model.config();
        if (maxColumns < 1) {
            throw new IllegalArgumentException("maxColumns is " + maxColumns + "; it must be at least 1");
        }
        if (vocabulary < 1 || vocabulary > config.vocabSize()) {
            throw new IllegalArgumentException(
                    "vocabulary is " + vocabulary + "; it must be 1 to " + config.vocabSize());
        }
        this.model = model;
        this.kernels = kernels;
        this.vocabulary = vocabulary;
        this.states = new StatePool(config.states(maxColumns), stateBytes);
        this.pass = model.network().newPass(maxColumns, vocabulary, kernels);
        this.columns = new PassColumns(maxColumns);
        this.sequences = new DecoderState[maxColumns];
        this.logits = new float[Math.multiplyExact(maxColumns, vocabulary)];
    }

    /** Maximum number of positions in one pass. */
    public int maxColumns() {
        return columns.capacity();
    }

    /** Logits per position. */
    public int vocabulary() {
        return vocabulary;
    }

    public SpikingModel model() {
        return model;
    }

    /** The kernels in use. */
    public Kernels kernels() {
        return kernels;
    }

    /** Bytes of a state for {@code maxPositions} positions: the most that {@link #allocate} takes from the heap. */
    public long stateBytes(int maxPositions) {
        return states.bytes(maxPositions);
    }

    /** Whether {@link #allocate} has the memory for one more state. */
    public boolean fits(int maxPositions) {
        return states.fits(maxPositions);
    }

    /** Whether there is memory for {@code count} new states. */
    boolean fits(int maxPositions, int count) {
        return states.fits(maxPositions, count);
    }

    /**
     * A state at the start of a sequence, with room for {@code maxPositions} positions; reuses released ones.
     *
     * @throws IllegalStateException if there is no memory for it
     */
    public DecoderState allocate(int maxPositions) {
        if (maxPositions < 1) {
            throw new IllegalArgumentException("maxPositions is " + maxPositions + "; it must be at least 1");
        }
        return states.take(maxPositions);
    }

    /** Spike counts over the positions of a sequence. */
    public SpikeStatistics spikes(DecoderState state) {
        return state.memory().spikes(state.position());
    }

    /** Operation counts over the positions of a sequence. */
    public OperationCounts operations(DecoderState state) {
        return state.memory().operations(state.position());
    }

    /** Gives a state back; it must not be used afterwards. */
    public void release(DecoderState state) {
        states.give(state);
    }

    /** Starts a new pass. */
    public void clear() {
        for (int c = 0; c < columns.count(); c++) {
            sequences[c].cancel();
            sequences[c] = null; // a finished pass must not keep states alive
        }
        columns.clear();
    }

    /**
     * Adds the next position of a sequence to the pass.
     *
     * @return its column
     * @throws IllegalArgumentException if the token is outside the model's vocabulary
     * @throws IllegalStateException if the pass or the state is full
     */
    public int add(DecoderState state, int token, boolean wantLogits) {
        if (token < 0 || token >= model.config().vocabSize()) {
            throw new IllegalArgumentException("token id " + token + " is outside the model's vocabulary of "
                    + model.config().vocabSize());
        }
        if (columns.count() == columns.capacity()) {
            throw new IllegalStateException("a pass holds at most " + columns.capacity() + " positions");
        }
        int column = columns.add(state.memory(), state.takePosition(), token, wantLogits);
        sequences[column] = state;
        return column;
    }

    /** Positions in the pass so far. */
    public int columns() {
        return columns.count();
    }

    /** Number of positions that have been run, over all sequences. */
    public long positions() {
        return positions;
    }

    /**
     * Advances every sequence of the pass.
     *
     * @throws IllegalStateException if the pass is empty
     */
    public void run() {
        requireColumns();
        pass.run(columns, logits);
        finish();
    }

    /**
     * Runs the pass of a model with early exit: it stops before the last block as soon as the entropy of the last
     * position's softmax is below {@link FamilyConfig#exitEntropy}. The sequences of the pass cannot be continued
     * afterwards; release or reset them.
     *
     * @return the block after which it stopped, 0-based; the last block if no entropy was below the limit
     * @throws IllegalStateException if the model has no early exit, or the pass is empty
     */
    public int runUntilConfident() {
        return runUntilConfident(model.config()
                .exitEntropy()
                .orElseThrow(() -> new IllegalStateException("this model runs all of its blocks")));
    }

    int runUntilConfident(double entropy) {
        requireColumns();
        int block = ((EarlyExitPass) pass).runUntilConfident(columns, entropy, logits);
        finish();
        return block;
    }

    private void requireColumns() {
        if (columns.count() == 0) {
            throw new IllegalStateException("the pass is empty; add a position first");
        }
    }

    private void finish() {
        for (int c = 0; c < columns.count(); c++) {
            sequences[c].advance();
        }
        positions += columns.count();
    }

    /** The logits of the most recent pass, valid until the next {@link #clear}. */
    public float[] logits() {
        return logits;
    }

    /**
     * Offset in {@link #logits} at which the logits of a column begin.
     *
     * @throws IllegalArgumentException if they were not requested
     */
    public int logitsOffset(int column) {
        return columns.row(column) * vocabulary;
    }

    /** Drops the released states. The model stays open. */
    @Override
    public void close() {
        clear();
        states.clear();
    }
}
