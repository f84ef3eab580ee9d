package io.spikelet.engine.decode;

/** Work that shares passes with other work: a row to complete, a document or an item to score. Not thread-safe. */
public interface InFlight {
    /** Its states. */
    OwnedStates states();

    /**
     * Puts what is next into the pass.
     *
     * @param most columns
     * @return columns that it put there
     */
    int feed(Decoder decoder, int most);

    /** Takes what the pass, which has run, says about all that was fed. */
    void collect(Decoder decoder);

    /** Whether its result is there. */
    boolean done();

    /** Forgets every pass; what is known of it stays. Its states are worth nothing. */
    void restart();

    /** Whether everything that was known at the last {@link #restart} has been run again. */
    boolean caughtUp();

    /** When it was admitted, by {@link System#nanoTime}. */
    long startNanos();
}
