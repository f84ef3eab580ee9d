package io.spikelet.engine.decode;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.SpikingModel;

/**
 * The heap that a generating task uses, planned before it is allocated. Two fifths of the task's share of the heap are
 * left to its caller and the garbage collector; the rest is for the decoder's buffers, and what these leave is for
 * common prefixes (an eighth) and the rows in flight.
 *
 * <p>The weights are not included: they are mapped, not allocated. Immutable.
 *
 * @param batchSize rows in flight: 1 to {@value #MAX_BATCH} if the plan chooses it, at least 1 if the user does
 * @param maxColumns maximum number of positions in one pass
 * @param rowBytes bytes of the membranes, decay states, keys and values of a row of the planned length
 * @param scratchBytes bytes of the buffers of the decoder and the sampler, independent of the rows
 * @param stateBytes maximum memory of all rows in flight
 * @param prefixBytes maximum memory for common prefixes
 */
public record MemoryPlan(
        int batchSize, int maxColumns, long rowBytes, long scratchBytes, long stateBytes, long prefixBytes) {
    /** Batch sizes above this do not make the dense products faster. */
    public static final int MAX_BATCH = 32;

    private static final int COLUMNS = 48; // of a prompt; the dense kernels are fastest with these
    private static final int PROMPT_COLUMNS = 16; // for prompts, in the pass of a full batch

    /**
     * A plan for one of several tasks in this JVM.
     *
     * @param vocabulary number of ids of the tokenizer
     * @param rowPositions positions of prompt and completion of a typical row; a longer row takes the memory of several
     * @param concurrentTasks tasks that run in this JVM at once, at least 1
     */
    public static MemoryPlan forTask(SpikingModel model, int vocabulary, int rowPositions, int concurrentTasks) {
        if (concurrentTasks < 1) {
            throw new IllegalArgumentException(
                    "concurrentTasks is " + concurrentTasks + "; at least 1 task runs in a JVM");
        }
        long heap = Runtime.getRuntime().maxMemory();
        return of(model.config(), vocabulary, rowPositions, heap / concurrentTasks);
    }

    /**
     * A plan for scoring in one of several tasks in this JVM: no batch of rows, and passes whose buffers take at most
     * half of the task's share.
     *
     * @param maxColumns desired number of positions in one pass
     * @throws IllegalArgumentException if one of the numbers is below 1
     */
    public static MemoryPlan forScoring(SpikingModel model, int maxColumns, int concurrentTasks) {
        if (maxColumns < 1 || concurrentTasks < 1) {
            throw new IllegalArgumentException("maxColumns is " + maxColumns + " and concurrentTasks " + concurrentTasks
                    + "; both are at least 1");
        }
        return forScoring(model.config(), maxColumns, Runtime.getRuntime().maxMemory() / concurrentTasks);
    }

    /**
     * The same for one of two models that both score in each task.
     *
     * @throws IllegalArgumentException if one of the numbers is below 1
     */
    public static MemoryPlan forOneOfTwo(SpikingModel model, int maxColumns, int concurrentTasks) {
        return forScoring(model, maxColumns, Math.multiplyExact(2, concurrentTasks));
    }

    static MemoryPlan forScoring(FamilyConfig config, int maxColumns, long heapBytes) {
        long budget = heapBytes / 5 * 3;
        long fixed = scratchBytes(config, 0, config.vocabSize());
        long perColumn = scratchBytes(config, 1, config.vocabSize()) - fixed;
        int columns = Math.clamp((budget / 2 - fixed) / perColumn, 1, maxColumns);
        long rowBytes = config.states(columns).bytes(config.contextLength());
        long scratchBytes = fixed + columns * perColumn;
        // Always enough for one window of the usual length; otherwise the heap is too small for this model.
        long stateBytes = Math.max(rowBytes, budget - scratchBytes);
        return new MemoryPlan(1, columns, rowBytes, scratchBytes, stateBytes, 0);
    }

    /** A decoder within the memory of the plan, with logits of the whole vocabulary. */
    public Decoder scoringDecoder(SpikingModel model) {
        return new Decoder(model, maxColumns, model.config().vocabSize(), model.kernels(), stateBytes);
    }

    /** A plan for {@code heapBytes} of heap. */
    static MemoryPlan of(FamilyConfig config, int vocabulary, int rowPositions, long heapBytes) {
        long rowBytes = config.states(COLUMNS).bytes(rowPositions);
        long scratchBytes = scratchBytes(config, COLUMNS, vocabulary);
        long left = Math.max(0, heapBytes / 5 * 3 - scratchBytes);
        long prefixBytes = left / 8;
        long stateBytes = left - prefixBytes;
        int batchSize = Math.clamp(stateBytes / rowBytes, 1, MAX_BATCH);
        return new MemoryPlan(batchSize, COLUMNS, rowBytes, scratchBytes, stateBytes, prefixBytes);
    }

    /**
     * The same memory for a batch size that the user chose: wider passes leave less memory for the rows in flight. Rows
     * that do not fit at the same time wait for each other.
     *
     * @throws IllegalArgumentException if {@code rows} is below 1
     */
    public MemoryPlan withBatchSize(int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("--batch-size is " + rows + "; it must be at least 1");
        }
        int columns = Math.max(COLUMNS, Math.addExact(rows, PROMPT_COLUMNS));
        long scratch = scratchBytes / maxColumns * columns;
        long states = Math.max(rowBytes, stateBytes - (scratch - scratchBytes)); // one row always has room
        return new MemoryPlan(rows, columns, rowBytes, scratch, states, prefixBytes);
    }

    /** Bytes of the family's buffers, the logits, and the sampler's copies of one position's logits. */
    private static long scratchBytes(FamilyConfig config, int maxColumns, int vocabulary) {
        long logits = (maxColumns + 2L) * vocabulary * Float.BYTES;
        return config.scratchBytes(maxColumns, vocabulary) + logits;
    }
}
