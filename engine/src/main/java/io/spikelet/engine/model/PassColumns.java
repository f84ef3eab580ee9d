package io.spikelet.engine.model;

/**
 * The positions that one pass advances. A column is the next position of a sequence; columns of different sequences may
 * be mixed, and those of one sequence are in ascending order.
 *
 * <p>Not thread-safe; one per decoder. A forward pass only reads this object.
 */
public final class PassColumns {
    private final SequenceState[] states; // (column)
    private final int[] positions; // (column)
    private final int[] tokens; // (column)
    private final int[] wanted; // (logits row) -> column
    private final int[] rows; // (column) -> logits row, or -1
    private int count;
    private int wantedCount;

    /** @param capacity maximum number of columns */
    public PassColumns(int capacity) {
        this.states = new SequenceState[capacity];
        this.positions = new int[capacity];
        this.tokens = new int[capacity];
        this.wanted = new int[capacity];
        this.rows = new int[capacity];
    }

    /** Maximum number of columns. */
    public int capacity() {
        return tokens.length;
    }

    /** Removes all columns and the references to their states. */
    public void clear() {
        for (int c = 0; c < count; c++) {
            states[c] = null;
        }
        count = 0;
        wantedCount = 0;
    }

    /**
     * Adds the next position of a sequence and returns its column.
     *
     * @throws IllegalStateException if the pass is full
     */
    public int add(SequenceState state, int position, int token, boolean wantLogits) {
        if (count == tokens.length) {
            throw new IllegalStateException("a pass holds at most " + tokens.length + " positions");
        }
        states[count] = state;
        positions[count] = position;
        tokens[count] = token;
        rows[count] = wantLogits ? wantedCount : -1;
        if (wantLogits) {
            wanted[wantedCount++] = count;
        }
        return count++;
    }

    /** Number of columns in this pass. */
    public int count() {
        return count;
    }

    /** The family's state of a column's sequence. */
    public SequenceState state(int column) {
        return states[column];
    }

    /** The column's position in its sequence, from 0. */
    public int position(int column) {
        return positions[column];
    }

    public int token(int column) {
        return tokens[column];
    }

    /** Number of columns whose logits are wanted. */
    public int wantedCount() {
        return wantedCount;
    }

    /** Row {@code r} of the logits belongs to column {@code wanted()[r]}, {@code r < wantedCount()}; read-only. */
    public int[] wanted() {
        return wanted;
    }

    /**
     * The row of a column's logits.
     *
     * @throws IllegalArgumentException if they were not requested
     */
    public int row(int column) {
        if (column < 0 || column >= count || rows[column] < 0) {
            throw new IllegalArgumentException("no logits were asked for at column " + column);
        }
        return rows[column];
    }
}
