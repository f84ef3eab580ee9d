package io.spikelet.job.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The finished work of a job that is not finished itself, in one folder:
 *
 * <pre>
 *   job.json                     what the job is
 *   slices/__spikelet_slice=7/   rows, as Spark's committer left them
 *   entries/00007.json           written after them: the slice is committed
 * </pre>
 *
 * A slice without an entry does not exist. Nothing rests on the rename of a folder, which object stores do not have. One
 * writer, who holds the {@link OutputLock}.
 */
public final class Ledger {
    /**
     * The column that rows of slices have on reading: Spark takes it from the folder's name. As a literal in the query that
     * writes a slice it would make every slice compile code of its own.
     */
    public static final String SLICE = SourceColumns.PREFIX + "slice";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATE = "job.json";

    private final FileSystem files;
    private final Path folder;

    Ledger(FileSystem files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /** The job that the folder belongs to, if one has begun. */
    public Optional<JobState> state() {
        Path file = new Path(folder, STATE);
        try {
            return files.exists(file) ? Optional.of(read(file, JobState.class)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Begins a job, or another attempt at it. */
    void begin(JobState state) {
        write(new Path(folder, STATE), state);
    }

    /** The committed slices in the order of their numbers. */
    public List<SliceEntry> committed() {
        Path entries = new Path(folder, "entries");
        try {
            List<SliceEntry> found = new ArrayList<>();
            if (files.exists(entries)) {
                for (FileStatus entry : files.listStatus(entries)) {
                    if (entry.getPath().getName().endsWith(".json")) {
                        found.add(read(entry.getPath(), SliceEntry.class));
                    }
                }
            }
            found.sort(Comparator.comparingInt(SliceEntry::slice));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + entries, e);
        }
    }

    /** The folder of the slices. */
    public Path slices() {
        return new Path(folder, "slices");
    }

    /** Where the rows of a slice are written and read. */
    public String slice(int number) {
        return new Path(slices(), SLICE + "=" + number).toString();
    }

    /** Commits a slice whose rows are written. */
    public void commit(SliceEntry entry) {
        write(new Path(folder, "entries/" + String.format(Locale.ROOT, "%05d.json", entry.slice())), entry);
    }

    /** Deletes the rows of slices that were never committed. */
    void discardUncommitted() {
        List<String> names = committed().stream()
                .map(entry -> new Path(slice(entry.slice())).getName())
                .toList();
        Path slices = slices();
        try {
            if (files.exists(slices)) {
                for (FileStatus slice : files.listStatus(slices)) {
                    if (!names.contains(slice.getPath().getName())) {
                        files.delete(slice.getPath(), true);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear " + slices, e);
        }
    }

    private <T> T read(Path file, Class<T> type) throws IOException {
        try (InputStream in = files.open(file)) {
            return JSON.readValue(in, type);
        }
    }

    /** Beside, then moved: a file of the ledger is whole or absent. */
    private void write(Path file, Object value) {
        Path partial = new Path(file.getParent(), "." + file.getName() + ".partial");
        try {
            try (OutputStream out = files.create(partial, true)) {
                JSON.writeValue(out, value);
            }
            files.delete(file, false);
            if (!files.rename(partial, file)) {
                throw new IOException("cannot move " + partial + " to " + file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
