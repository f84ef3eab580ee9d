package io.spikelet.job.task;

import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.Suspects;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Communication between the driver and the tasks of a run through files in the run's folder: requests to stop, the rows that
 * tasks work on ({@link Suspects}), and how tasks ended. Serialized with them.
 */
public final class RunControl implements Serializable {
    /** The property of Spark that says how long rows in flight may take after a stop was asked for. */
    public static final String STOP_TIMEOUT = "spark.spikelet.stopTimeout";

    private static final long serialVersionUID = 1L;
    private static final long LOOK_NANOS = 1_000_000_000;

    /** How long a later attempt waits for the driver to say how the earlier ones ended; mostly it has by then. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final String COPY = ".copy";

    private static volatile Seen seen = new Seen("", false, 0);

    private final String folder;
    private final String progress;
    private final HashSet<String> blamed;
    private final HashSet<String> watched;
    private final boolean isLocal;
    private final SerializableConfiguration configuration;

    /**
     * @param folder of this process
     * @param progress the folder for the progress of rows, of all processes
     * @param blamed rows to step over
     * @param watched rows that may have ended an earlier process
     * @param isLocal whether tasks run in the driver
     */
    public RunControl(
            String folder,
            String progress,
            Set<String> blamed,
            Set<String> watched,
            boolean isLocal,
            Configuration configuration) {
        this.folder = folder;
        this.progress = progress;
        this.blamed = new HashSet<>(blamed);
        this.watched = new HashSet<>(watched);
        this.isLocal = isLocal && "file".equals(new Path(folder).toUri().getScheme());
        this.configuration = new SerializableConfiguration(configuration);
    }

    /** The last observation, shared by all tasks in this JVM. */
    private record Seen(String folder, boolean stops, long nanos) {}

    /** Names an attempt at a task. */
    record Attempt(int stage, int stageAttempt, int shard, int number) {
        Attempt numbered(int other) {
            return new Attempt(stage, stageAttempt, shard, other);
        }

        @Override
        public String toString() {
            return stage + "." + stageAttempt + "-" + shard + "-" + number;
        }
    }

    /** Before the first task: a driver that works on rows itself says where its JVM would report a crash. */
    public void begin() {
        if (isLocal) {
            write(file(Suspects.REPORT), ThisJvm.crashReport().toString());
        }
    }

    /** Where the progress of long rows under a model is kept. */
    RunProgress progress(ModelHandle model) {
        return new RunProgress(progress, configuration.value(), model);
    }

    /** Asks all tasks to end after the rows that they have begun. */
    public void stop() {
        write(file("stop"), "");
        seen = new Seen(folder, true, System.nanoTime());
    }

    /** Whether tasks are requested to end; tasks see it with up to a second of delay. */
    boolean stops() {
        Seen last = seen;
        long now = System.nanoTime();
        if (!last.folder().equals(folder) || now - last.nanos() > LOOK_NANOS) {
            last = new Seen(folder, exists(file("stop")), now);
            seen = last;
        }
        return last.stops();
    }

    /** Notes that an attempt has ended without success, and whether its JVM has. */
    void ended(Attempt attempt, boolean withItsJvm) {
        write(file(attempt + Suspects.END), withItsJvm ? Suspects.JVM_ENDED : "");
    }

    /** Notes that an attempt is one beside another that goes on. */
    void copies(Attempt attempt) {
        write(file(attempt + COPY), "");
    }

    /** The watch over the rows of a task. */
    RowTracker watch(TaskContext task) {
        task.killTaskIfInterrupted(); // a run that has ended has no folder any more
        RowTracker watch =
                watch(new Attempt(task.stageId(), task.stageAttemptNumber(), task.partitionId(), task.attemptNumber()));
        if (watch instanceof RowJournal noted) {
            TaskModel.closeAfter(task, noted);
        }
        return watch;
    }

    /** The watch over the rows of a shard: rows are worked on alone once a JVM has ended under an earlier attempt at it. */
    RowTracker watch(Attempt attempt) {
        if (isLocal) {
            return new RowJournal(blamed, watched::contains, journal(attempt));
        }
        Set<String> stepOver = new HashSet<>(blamed);
        boolean watches = false;
        await(attempt);
        for (Attempt earlier : earlier(attempt)) {
            if (Suspects.JVM_ENDED.equals(text(earlier + Suspects.END))) {
                watches = true;
                stepOver.addAll(Suspects.begun(text(earlier.toString())).keySet());
            }
        }
        boolean all = watches;
        Path note = file(attempt.toString());
        return watches || !stepOver.isEmpty()
                ? new RowJournal(stepOver, row -> all, all ? line -> write(note, line) : line -> {})
                : RowTracker.NONE;
    }

    /**
     * The attempts at a shard before one, those of earlier attempts at its stage included: an executor that is lost takes its
     * part of the shuffle with it, so that the next attempt at the task fails to read its rows, and the stage begins again.
     */
    private List<Attempt> earlier(Attempt attempt) {
        List<Attempt> all = new ArrayList<>();
        for (int again = 0; again < attempt.stageAttempt(); again++) {
            Attempt ended = new Attempt(attempt.stage(), again, attempt.shard(), 0);
            while (exists(file(ended + Suspects.END))) {
                all.add(ended);
                ended = ended.numbered(ended.number() + 1);
            }
        }
        for (int i = 0; i < attempt.number(); i++) {
            all.add(attempt.numbered(i));
        }
        return all;
    }

    /** Spark's listeners hear of the end of a task a little later than its scheduler, which starts the next attempt. */
    private void await(Attempt attempt) {
        long begin = System.nanoTime();
        for (int i = 0; i < attempt.number(); i++) {
            while (!exists(file(attempt.numbered(i) + Suspects.END))
                    && !exists(file(attempt + COPY))
                    && System.nanoTime() - begin < PATIENCE_NANOS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private Journal journal(Attempt attempt) {
        java.nio.file.Path file =
                java.nio.file.Path.of(file(attempt.toString()).toUri().getPath());
        try {
            Files.createDirectories(file.getParent());
            return new Journal(new FileOutputStream(file.toFile())); // not a channel, which an interrupt closes
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Lines that are with the operating system when they are noted, so that they outlive the JVM. */
    private record Journal(OutputStream out) implements Consumer<String>, AutoCloseable {
        @Override
        public void accept(String lines) {
            Uncheck.run(
                    () -> out.write(lines.getBytes(StandardCharsets.UTF_8)), () -> "cannot note the rows of a task");
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private void write(Path file, String text) {
        try (OutputStream out = files().create(file, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** What a file says; nothing if it is not there. */
    private String text(String name) {
        try (InputStream in = files().open(file(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file(name), e);
        }
    }

    private boolean exists(Path file) {
        return Uncheck.get(() -> files().exists(file), () -> "cannot read " + file);
    }

    private Path file(String name) {
        return new Path(folder, name);
    }

    private FileSystem files() {
        return Uncheck.get(() -> new Path(folder).getFileSystem(configuration.value()), () -> "cannot open " + folder);
    }
}
