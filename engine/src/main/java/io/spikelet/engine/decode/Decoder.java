package io.spikelet.engine.decode;

import io.spikelet.engine.family.symboliclight.BlockState;
import io.spikelet.engine.family.symboliclight.OutputHead;
import io.spikelet.engine.family.symboliclight.PassBuffers;
import io.spikelet.engine.family.symboliclight.Rope;
import io.spikelet.engine.family.symboliclight.SlidingWindowAttention;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.Arrays;

/**
 * The forward pass. A pass advances any mix of positions: one token of each of several sequences, a block of a prompt, or
 * both. The bits of a position's logits depend on its sequence alone, never on what else was in the pass or on how the
 * sequence was cut into passes.
 *
 * <pre>{@code
 * decoder.clear();
 * int column = decoder.add(state, token, true);
 * decoder.run();
 * float logit = decoder.logits()[decoder.logitsOffset(column) + id];
 * }</pre>
 *
 * <p>Not thread-safe; one per task. Source: SymbolicLight V1.
 */
public final class Decoder implements AutoCloseable {
    private final SpikingModel model;
    private final Kernels kernels;
    private final int vocabulary;
    private final int maxColumns;
    private final StateShape shape;
    private final StatePool states;
    private final PassBuffers columns;
    private final SlidingWindowAttention.Scratch attention;
    private final OutputHead.Scratch head;
    private final int[] tokens; // (column)
    private final DecoderState[] sequences; // (column)
    private final BlockState[] running; // (column), of the block that runs
    private final int[] wanted; // (logits row) -> column
    private final int[] rows; // (column) -> logits row, or -1
    private final float[] logits; // (logits row, vocabulary)
    private int wantedCount;
    private long positions;

    /** A decoder whose logits cover the model's whole vocabulary. */
    public Decoder(SpikingModel model, int maxColumns) {
        this(model, maxColumns, model.config().vocabSize());
    }

    /**
     * @param maxColumns most positions of one pass
     * @param vocabulary compute logits only of ids below
     */
    public Decoder(SpikingModel model, int maxColumns, int vocabulary) {
        this(model, maxColumns, vocabulary, KernelProvider.kernels());
    }

    /** With kernels of the caller's choice, to compare them. */
    public Decoder(SpikingModel model, int maxColumns, int vocabulary, Kernels kernels) {
        this(model, maxColumns, vocabulary, kernels, Runtime.getRuntime().maxMemory());
    }

    /** @param stateBytes most memory of all states together, in use or released */
    Decoder(SpikingModel model, int maxColumns, int vocabulary, Kernels kernels, long stateBytes) {
        ModelConfig config = model.config();
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
        this.maxColumns = maxColumns;
        this.shape = new StateShape(config, maxColumns);
        this.states = new StatePool(shape, stateBytes);
        this.columns = new PassBuffers(maxColumns, config.embedDim(), config.intermediateDim());
        Rope rope = new Rope(model.inverseFrequencies(), config.maxSeqLen(), maxColumns);
        this.attention = new SlidingWindowAttention.Scratch(rope, shape.maxSlots(), maxColumns);
        this.head = model.head().scratch(maxColumns, vocabulary);
        this.tokens = new int[maxColumns];
        this.sequences = new DecoderState[maxColumns];
        this.running = new BlockState[maxColumns];
        this.wanted = new int[maxColumns];
        this.rows = new int[maxColumns];
        this.logits = new float[Math.multiplyExact(maxColumns, vocabulary)];
    }

    /** Most positions of one pass. */
    public int maxColumns() {
        return maxColumns;
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

    /** Bytes of a state for {@code maxPositions} positions; what {@link #allocate} takes from the heap at most. */
    public long stateBytes(int maxPositions) {
        return shape.bytes(maxPositions);
    }

    /** Whether {@link #allocate} has the memory for one more state. */
    public boolean fits(int maxPositions) {
        return states.fits(maxPositions);
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

    /** What fired over the positions of a sequence. */
    public SpikeStatistics spikes(DecoderState state) {
        int layers = state.blocks.length;
        long[] ffn = new long[layers];
        long[] block = new long[layers];
        for (int layer = 0; layer < layers; layer++) {
            ffn[layer] = state.ffnSpikes(layer);
            block[layer] = state.blockSpikes(layer);
        }
        ModelConfig config = model.config();
        return new SpikeStatistics(
                state.position(), config.embedDim(), config.intermediateDim(), state.encoderSpikes(), ffn, block);
    }

    /** Gives a state back; it must not be used afterwards. */
    public void release(DecoderState state) {
        states.give(state);
    }

    /** Starts a new pass. */
    public void clear() {
        for (int c = 0; c < columns.count(); c++) {
            sequences[c].cancel();
        }
        columns.clear();
        wantedCount = 0;
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
        if (columns.count() == maxColumns) {
            throw new IllegalStateException("a pass holds at most " + maxColumns + " positions");
        }
        int column = columns.add(state.takePosition());
        sequences[column] = state;
        tokens[column] = token;
        rows[column] = wantLogits ? wantedCount : -1;
        if (wantLogits) {
            wanted[wantedCount++] = column;
        }
        return column;
    }

    /** Positions that have been run, over all sequences. */
    public long positions() {
        return positions;
    }

    /** Advances every sequence of the pass. */
    public void run() {
        encode();
        positions += columns.count();
        for (int i = 0; i < model.blocks().size(); i++) {
            runBlock(i);
        }
        if (wantedCount > 0) {
            model.head().forward(kernels, columns, wanted, wantedCount, vocabulary, logits, head);
        }
        finish();
    }

    /**
     * The 194M variant's uncached call with {@code enable_entropy_exit}: after each block the head is applied, and as soon
     * as the entropy of the last position's softmax is below the threshold, these are the logits. The sequences of the
     * pass cannot be continued afterwards; release or reset them.
     *
     * @return the block after which it stopped, 0-based; the last one when no entropy was below
     */
    public int runUntilConfident(float entropyThreshold) {
        encode();
        int last = model.blocks().size() - 1;
        for (int i = 0; i <= last; i++) {
            runBlock(i);
            if (i == last || lastEntropy() < entropyThreshold) {
                model.head().forward(kernels, columns, wanted, wantedCount, vocabulary, logits, head);
                finish();
                return i;
            }
        }
        throw new IllegalStateException("a model has at least one block");
    }

    private double lastEntropy() {
        int[] lastColumn = {columns.count() - 1};
        model.head().forward(kernels, columns, lastColumn, 1, vocabulary, logits, head);
        return Entropy.clamped(kernels, logits, 0, vocabulary);
    }

    private void encode() {
        if (columns.count() == 0) {
            throw new IllegalStateException("the pass is empty; add a position first");
        }
        model.encoder().begin(columns);
        for (int c = 0; c < columns.count(); c++) {
            model.encoder().forward(kernels, columns, c, tokens[c], sequences[c].membrane);
            sequences[c].advance(columns.spikeCount(c));
        }
    }

    private void runBlock(int layer) {
        for (int c = 0; c < columns.count(); c++) {
            running[c] = sequences[c].blocks[layer];
        }
        model.blocks().get(layer).forward(kernels, columns, running, attention);
    }

    private void finish() {
        Arrays.fill(running, 0, columns.count(), null);
    }

    /** The logits of the pass that ran last, valid until the next {@link #clear}. */
    public float[] logits() {
        return logits;
    }

    /**
     * Where the logits of a column begin in {@link #logits}.
     *
     * @throws IllegalArgumentException if they were not asked for
     */
    public int logitsOffset(int column) {
        if (column < 0 || column >= columns.count() || rows[column] < 0) {
            throw new IllegalArgumentException("no logits were asked for at column " + column);
        }
        return rows[column] * vocabulary;
    }

    /** Drops the released states. The model stays open. */
    @Override
    public void close() {
        states.clear();
    }
}
