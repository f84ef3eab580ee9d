package io.spikelet.engine.decode;

/** Work that shares passes with other work: a row to complete, a document or an item to score. Not thread-safe. */
public interface InFlight {
    /** Its states. */
    OwnedStates states();

    /**
     * Adds its next positions to the pass.
     *
     * @param most columns
     * @return columns that it put there
     */
    int feed(Decoder decoder, int most);

    /** Takes the results of the pass for all its columns. */
    void collect(Decoder decoder);

    /** Whether its result is there. */
    boolean done();

    /** Starts over: known tokens are kept, its states are invalid. */
    void restart();

    /** Whether everything that was known at the last {@link #restart} has been run again. */
    boolean caughtUp();

    /** When it was admitted, by {@link System#nanoTime}. */
    long startNanos();
}
