package io.spikelet.job.task;

import io.spikelet.job.schema.ErrorClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import org.apache.spark.sql.Row;

/**
 * One output row per input row, holding no more rows than the engine has in flight. Not thread-safe; one per task.
 *
 * @param <Q> what the engine takes
 * @param <R> what it returns
 */
final class RowStream<Q, R> implements Iterator<Row> {
    /** Refused rows that may wait until the engine returns; with more of them the engine is drained first. */
    private static final int MOST_WAITING = 256;

    private static final String BLAMED = "a JVM ended while it worked on this row alone; --retry-failed tries it again";

    private final Iterator<Row> input;
    private final RowProcessor<Q, R> work;
    private final TaskMeter meter;
    private final RowTracker watch;
    private final Map<String, Row> inFlight = new HashMap<>();
    private final Map<String, List<Row>> copies = new HashMap<>(); // rows that wait for the result of an equal one
    private final Map<String, R> known = new HashMap<>(); // results of the request that is being read
    private final Queue<Row> finished = new ArrayDeque<>();
    private Row held; // waits until it can be worked on alone, or null
    private boolean isAlone; // whether the row in flight is to have no others beside it
    private String request; // that is being read, or null
    private int waitingCopies;
    private Iterator<R> results;
    private RuntimeException inputFailure;
    private long inputNanos;

    RowStream(Iterator<Row> input, RowProcessor<Q, R> work, TaskMeter meter, RowTracker watch) {
        this.input = input;
        this.work = work;
        this.meter = meter;
        this.watch = watch;
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty()) {
            if (results == null && held == null && !hasInput()) {
                return false;
            }
            if (results == null) {
                results = work.run(new Requests());
            }
            Optional<R> result = advance();
            if (result.isPresent()) {
                finish(result.get());
            } else if (results != null) {
                requireNoneInFlight();
                results = null;
            }
        }
        return true;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return finished.remove();
    }

    /** The next result; nothing if there is none, or if the engine failed. */
    private Optional<R> advance() {
        long start = System.nanoTime();
        long inputBefore = inputNanos;
        try {
            return results.hasNext() ? Optional.of(results.next()) : Optional.empty();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            if (inputFailure != null) { // no row caused this, and the task may have been killed
                throw inputFailure;
            }
            results = null;
            isolate(e);
            return Optional.empty();
        } finally {
            meter.addEngineTime(System.nanoTime() - start - (inputNanos - inputBefore));
        }
    }

    /**
     * The engine failed for an unknown row: each row runs alone, and those that fail again become errors.
     */
    private void isolate(Throwable cause) {
        Map<String, Row> suspects = Map.copyOf(inFlight);
        if (suspects.isEmpty()) {
            if (cause instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) cause;
        }
        inFlight.clear();
        suspects.forEach((key, source) -> {
            try {
                Iterator<R> alone =
                        work.run(List.of(work.admit(source).request()).iterator());
                if (!alone.hasNext()) {
                    throw new IllegalStateException("the engine returned nothing for this row");
                }
                finish(key, source, alone.next());
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail(source, e);
                takeCopies(key).forEach(copy -> fail(copy, e));
            }
        });
    }

    private boolean hasInput() {
        if (inputFailure != null) {
            throw inputFailure;
        }
        long start = System.nanoTime();
        try {
            return input.hasNext(); // which reads, and next() merely hands over
        } catch (RuntimeException e) {
            inputFailure = e;
            throw e;
        } finally {
            inputNanos += System.nanoTime() - start;
        }
    }

    private RowProcessor.Admission<Q> admit(Row source) {
        if (watch.blames(source)) {
            return work.refuse(source, ErrorClass.ENGINE_ERROR, BLAMED);
        }
        isAlone = watch.isAlone(source);
        watch.begins(source);
        try {
            return work.admit(source);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return work.refuse(source, ErrorClass.ENGINE_ERROR, e.toString());
        }
    }

    private void requireNoneInFlight() {
        if (!inFlight.isEmpty()) {
            throw new IllegalStateException(
                    "the engine returned nothing for " + inFlight.size() + " of the rows it was given");
        }
    }

    private void finish(R result) {
        String key = work.rowId(result);
        Row source = inFlight.remove(key);
        if (source == null) {
            throw new IllegalStateException("the engine returned a result for row " + key + ", which is not in flight");
        }
        finish(key, source, result);
    }

    private void fail(Row source, Throwable cause) {
        watch.ends(source);
        finished.add(work.fail(source, ErrorClass.ENGINE_ERROR, cause.toString()));
        meter.add(RowMeasures.FAILED);
    }

    private void finish(String key, Row source, R result) {
        RowMeasures measures = work.measures(result);
        watch.ends(source);
        finished.add(work.finish(source, result));
        meter.add(measures);
        for (Row copy : takeCopies(key)) {
            finished.add(work.finish(copy, result));
            meter.add(measures.copied());
        }
        if (request != null && request.equals(work.shared(source))) {
            known.put(key, result);
        }
    }

    private List<Row> takeCopies(String key) {
        List<Row> taken = copies.remove(key);
        if (taken == null) {
            return List.of();
        }
        waitingCopies -= taken.size();
        return taken;
    }

    /** Whether a row needs no work of its own, because an equal row is done or in flight. */
    private boolean isCopy(Row source) {
        String shared = work.shared(source);
        if (shared == null) {
            return false;
        }
        if (!shared.equals(request)) {
            request = shared;
            known.clear();
        }
        String key = work.key(source);
        if (known.containsKey(key)) {
            R result = known.get(key);
            finished.add(work.finish(source, result));
            meter.add(work.measures(result).copied());
            return true;
        }
        if (inFlight.containsKey(key)) {
            copies.computeIfAbsent(key, ignored -> new ArrayList<>()).add(source);
            waitingCopies++;
            return true;
        }
        return false;
    }

    /** The source of the engine; it ends early and is followed by another one when too many refused rows wait. */
    private final class Requests implements Iterator<Q> {
        private Q next;

        @Override
        public boolean hasNext() {
            while (next == null
                    && mayBegin()
                    && finished.size() + waitingCopies < MOST_WAITING
                    && (held != null || hasInput())) {
                Row source = held == null ? input.next() : held;
                held = null;
                if (isCopy(source)) {
                    continue;
                }
                if (!inFlight.isEmpty() && watch.isAlone(source)) {
                    held = source;
                    return false;
                }
                RowProcessor.Admission<Q> admission = admit(source);
                if (admission.request() == null) {
                    watch.ends(source);
                    finished.add(admission.refused());
                    meter.add(RowMeasures.FAILED);
                } else {
                    next = admission.request();
                    inFlight.put(work.key(source), source);
                }
            }
            return next != null;
        }

        private boolean mayBegin() {
            return !isAlone || inFlight.isEmpty();
        }

        @Override
        public Q next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Q request = next;
            next = null;
            return request;
        }
    }
}
