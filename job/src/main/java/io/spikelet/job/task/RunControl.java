package io.spikelet.job.task;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Communication between the driver and the tasks of a run through files in the run's folder: requests to stop, and the
 * rows in which tasks died. Serialized to the tasks.
 */
public final class RunControl implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final long LOOK_NANOS = 1_000_000_000;

    private static volatile Seen seen = new Seen("", false, 0);

    private final String folder;
    private final SerializableConfiguration configuration;

    /** @param folder of this attempt at the run */
    public RunControl(String folder, Configuration configuration) {
        this.folder = folder;
        this.configuration = new SerializableConfiguration(configuration);
    }

    /** The last observation, shared by all tasks in this JVM. */
    private record Seen(String folder, boolean stops, long nanos) {}

    /** Requests all tasks to end after the rows that they have started. */
    public void stop() {
        try {
            files().create(stopFile(), true).close();
            seen = new Seen(folder, true, System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + stopFile(), e);
        }
    }

    /** Whether tasks are requested to end; tasks see it with up to a second of delay. */
    boolean stops() {
        Seen last = seen;
        long now = System.nanoTime();
        if (!last.folder().equals(folder) || now - last.nanos() > LOOK_NANOS) {
            last = new Seen(folder, exists(stopFile()), now);
            seen = last;
        }
        return last.stops();
    }

    /** The watch over the rows of a task: none at its first attempt. */
    RowWatch watch(TaskContext task) {
        return task.attemptNumber() == 0 ? RowWatch.NONE : watch(task.partitionId(), task.attemptNumber());
    }

    /** The watch over the rows of a shard at a later attempt. */
    RowWatch watch(int shard, int taskAttempt) {
        Set<String> blamed = new HashSet<>();
        for (int earlier = 1; earlier < taskAttempt; earlier++) {
            try (InputStream in = files().open(note(shard, earlier))) {
                blamed.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (FileNotFoundException e) {
                continue; // that attempt ended between rows, or never began
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + note(shard, earlier), e);
            }
        }
        Path own = note(shard, taskAttempt);
        return new RowWatch() {
            @Override
            public boolean watches() {
                return true;
            }

            @Override
            public boolean blames(String rowId) {
                return blamed.contains(rowId);
            }

            @Override
            public void begins(String rowId) {
                write(own, rowId);
            }
        };
    }

    private void write(Path file, String text) {
        try (OutputStream out = files().create(file, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private boolean exists(Path file) {
        try {
            return files().exists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private Path stopFile() {
        return new Path(folder, "stop");
    }

    private Path note(int shard, int taskAttempt) {
        return new Path(folder, "suspects/" + shard + "-" + taskAttempt);
    }

    private FileSystem files() {
        try {
            return new Path(folder).getFileSystem(configuration.value());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + folder, e);
        }
    }
}
