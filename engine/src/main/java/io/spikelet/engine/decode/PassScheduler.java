package io.spikelet.engine.decode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;

/**
 * Shares the passes of a decoder among work in flight: composes a pass, runs it, lets each piece of work take its
 * results, and returns results as they are finished. Work that fails or takes too long does not affect other work;
 * after a pass that failed as a whole, each piece of work is run again in a pass of its own. The states of work are
 * returned, however it ends.
 *
 * <p>Not thread-safe. Subclasses decide what is admitted and which work is fed first.
 *
 * @param <W> the work
 * @param <R> its results
 */
public abstract class PassScheduler<W extends InFlight, R> implements Iterator<R>, AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Decoder decoder;
    private final double timeoutSeconds;
    private final List<W> active = new ArrayList<>();
    private final List<W> pass = new ArrayList<>();
    private final Queue<R> finished = new ArrayDeque<>();

    /** @param timeoutSeconds maximum time that a piece of work may be in flight */
    protected PassScheduler(Decoder decoder, double timeoutSeconds) {
        this.decoder = decoder;
        this.timeoutSeconds = timeoutSeconds;
    }

    /** Whether there is more work that could be admitted. */
    protected abstract boolean hasMore();

    /**
     * Admits new work if there is room and feeds the work in flight, by {@link #admit} and {@link #feed}. It may
     * instead finish work and leave the pass empty.
     */
    protected abstract void compose();

    /** Called after a pass has run, before the work takes its results. */
    protected void ran() {}

    /** Called after the work has taken the results of a pass. */
    protected void collected() {}

    /** Called for work that ends or restarts: no other work may wait for it any longer. */
    protected void detach(W work) {}

    /** The result of work that is done. */
    protected abstract R result(W work);

    /** The result of work that failed. */
    protected abstract R failure(W work, RuntimeException cause);

    /** The result of work that took too long. */
    protected abstract R timeout(W work);

    @Override
    public final boolean hasNext() {
        while (finished.isEmpty() && (!active.isEmpty() || hasMore())) {
            advance();
        }
        return !finished.isEmpty();
    }

    @Override
    public final R next() {
        if (!hasNext()) {
            throw new NoSuchElementException("everything has been handed out");
        }
        return finished.remove();
    }

    /** Returns the states of all work in flight; it produces no results. */
    @Override
    public final void close() {
        active.forEach(work -> work.states().close());
        active.clear();
        pass.clear();
        decoder.clear();
    }

    protected final Decoder decoder() {
        return decoder;
    }

    /** Work in flight, in the order in which it was admitted. */
    protected final List<W> active() {
        return active;
    }

    /** Work that takes results from the pass. */
    protected final List<W> pass() {
        return pass;
    }

    /** Whether there are results to return. */
    protected final boolean hasResults() {
        return !finished.isEmpty();
    }

    /** Adds a result of work that was never in flight. */
    protected final void finish(R result) {
        finished.add(result);
    }

    /** Puts work in flight. */
    protected final void admit(W work) {
        active.add(work);
    }

    /** Adds the next positions of a piece of work to the pass; returns the number of columns. */
    protected final int feed(W work, int most) {
        pass.add(work);
        int columns;
        try {
            columns = work.feed(decoder, most);
        } catch (RuntimeException e) {
            throw new FeedException(e);
        }
        if (columns == 0) {
            pass.removeLast();
        }
        return columns;
    }

    /** Finishes a piece of work with its result. */
    protected final void complete(W work) {
        R result;
        try {
            result = result(work);
        } catch (RuntimeException e) {
            result = failure(work, e);
        }
        leave(work, result);
    }

    /**
     * Ends a piece of work that failed.
     *
     * @throws io.spikelet.engine.model.DamagedModelError if the cause is damaged model files
     */
    protected final void fail(W work, RuntimeException cause) {
        NonFiniteLogitsException.blameModel(cause, decoder.model());
        leave(work, failure(work, cause));
    }

    private void leave(W work, R result) {
        detach(work);
        active.remove(work);
        work.states().close();
        finished.add(result);
    }

    private void advance() {
        pass.clear();
        decoder.clear();
        try {
            compose();
        } catch (FeedException e) {
            recover(e.cause);
            return;
        }
        if (pass.isEmpty()) {
            return;
        }
        try {
            decoder.run();
        } catch (RuntimeException e) {
            recover(e);
            return;
        }
        ran();
        for (W work : List.copyOf(pass)) {
            try {
                work.collect(decoder);
            } catch (RuntimeException e) {
                fail(work, e);
            }
        }
        collected();
        settle();
    }

    /** Removes work that is done or has timed out. */
    private void settle() {
        long now = System.nanoTime();
        for (W work : List.copyOf(active)) {
            if (work.done()) {
                complete(work);
            } else if ((now - work.startNanos()) / NANOS_PER_SECOND > timeoutSeconds) {
                leave(work, timeout(work));
            }
        }
    }

    /**
     * After a failed pass its states are invalid, and the work that caused the failure is unknown. Each piece of work
     * is run again in a pass of its own; those that fail again become errors.
     */
    private void recover(RuntimeException cause) {
        if (pass.isEmpty()) {
            throw cause;
        }
        for (W work : new LinkedHashSet<>(pass)) {
            try {
                detach(work);
                work.restart();
                do {
                    decoder.clear();
                    work.feed(decoder, decoder.maxColumns());
                    decoder.run();
                    work.collect(decoder);
                } while (!work.caughtUp());
                if (work.done()) {
                    complete(work);
                }
            } catch (RuntimeException e) {
                fail(work, e);
            }
        }
        decoder.clear();
        settle();
    }

    /** A failure of feeding; exceptions from the source of new work go to the caller instead. */
    private static final class FeedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient RuntimeException cause;

        FeedException(RuntimeException cause) {
            super(cause);
            this.cause = cause;
        }
    }
}
