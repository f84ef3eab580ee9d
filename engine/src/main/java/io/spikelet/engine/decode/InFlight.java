package io.spikelet.engine.decode;

/** A unit of work that shares passes with others: a row to complete, a document or an item to score. Not thread-safe. */
public interface InFlight {
    /** The states that this work owns. */
    OwnedStates states();

    /**
     * Adds its next positions to the pass.
     *
     * @param most maximum number of columns
     * @return number of columns added
     */
    int feed(Decoder decoder, int most);

    /** Takes the results of the pass for all columns of this work. */
    void collect(Decoder decoder);

    /** Whether the result is complete. */
    boolean done();

    /** Starts over: known tokens are kept, the states are invalid. */
    void restart();

    /** Whether everything that was known at the last {@link #restart} has been run again. */
    boolean caughtUp();

    /** Time of admission, by {@link System#nanoTime}. */
    long startNanos();
}
