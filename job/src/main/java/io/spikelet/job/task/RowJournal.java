package io.spikelet.job.task;

import io.spikelet.job.plan.Suspects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;

/**
 * The watch of a task that notes which rows it works on. One task of a JVM at a time works on a row alone: else the rows of
 * others would be noted too when the JVM ends. Not thread-safe.
 */
final class RowJournal implements RowTracker, AutoCloseable {
    private static final Semaphore TURN = new Semaphore(1);

    private final Set<String> blamed;
    private final Predicate<String> watched;
    private final Consumer<String> notes;
    private String alone; // the row that is worked on alone, or null

    /**
     * @param blamed rows to step over
     * @param watched which rows are worked on alone
     * @param notes takes lines of {@link Suspects}, which are durable when it returns
     */
    RowJournal(Set<String> blamed, Predicate<String> watched, Consumer<String> notes) {
        this.blamed = blamed;
        this.watched = watched;
        this.notes = notes;
    }

    @Override
    public boolean isAlone(Row source) {
        return watched.test(key(source));
    }

    @Override
    public boolean blames(Row source) {
        return blamed.contains(key(source));
    }

    @Override
    public void begins(Row source) {
        String key = key(source);
        if (watched.test(key)) {
            takeTurn();
            alone = key;
        }
        notes.accept((key.equals(alone) ? Suspects.ALONE : Suspects.AMONG_OTHERS) + key + "\n");
    }

    @Override
    public void ends(Row source) {
        String key = key(source);
        notes.accept(Suspects.ENDED + key + "\n");
        if (key.equals(alone)) {
            endTurn();
        }
    }

    /** The task is over. */
    @Override
    public void close() throws Exception {
        endTurn();
        if (notes instanceof AutoCloseable open) {
            open.close();
        }
    }

    private void endTurn() {
        if (alone != null) {
            alone = null;
            TURN.release();
        }
    }

    private static void takeTurn() {
        try {
            while (!TURN.tryAcquire(1, TimeUnit.SECONDS)) {
                TaskContext task = TaskContext.get();
                if (task != null) {
                    task.killTaskIfInterrupted();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted before a row that is worked on alone", e);
        }
    }

    /** What a row is, in one line. */
    static String key(Row source) {
        String id = source.getString(SourceRow.ROW_ID).replace("\\", "\\\\").replace("\n", "\\n");
        return source.get(SourceRow.CONTENT_SHA256) + " " + source.get(SourceRow.SAMPLE_INDEX) + " " + id;
    }
}
