package io.spikelet.engine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** The threads of one figure. A crew of one is the caller's own thread, so that its allocations can be measured. */
final class Crew implements AutoCloseable {
    private final int size;
    private final ExecutorService threads;

    Crew(int size) {
        this.size = size;
        this.threads = size == 1
                ? null
                : Executors.newFixedThreadPool(
                        size, Thread.ofPlatform().daemon().factory());
    }

    int size() {
        return size;
    }

    /** Runs {@code work} on every thread at once, with the thread's index, and returns when all have ended. */
    void run(IntConsumer work) {
        if (size == 1) {
            work.accept(0);
            return;
        }
        List<Future<?>> running = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            int index = i;
            running.add(threads.submit(() -> work.accept(index)));
        }
        running.forEach(Crew::join);
    }

    private static void join(Future<?> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the benchmark failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the benchmark was interrupted", e);
        }
    }

    @Override
    public void close() {
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
