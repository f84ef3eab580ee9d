package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output of one job. Finished slices gather in a hidden folder beside it, {@code .NAME.unfinished}; the tables are
 * put together there and moved into place at once, so that the output appears whole or not at all. What is committed
 * there outlives the process; closing deletes the folder only if nothing is. Not thread-safe.
 */
public final class OutputDirectory implements AutoCloseable {
    private final FileSystem files;
    private final Path target;
    private final Path staging;
    private final Ledger ledger;
    private final OutputLock lock;
    private boolean finished;

    private OutputDirectory(FileSystem files, Path target, Path staging, OutputLock lock) {
        this.files = files;
        this.target = target;
        this.staging = staging;
        this.ledger = new Ledger(files, new Path(staging, "ledger"));
        this.lock = lock;
    }

    /**
     * Reserves an output directory.
     *
     * @param resume whether to go on with what is there; otherwise there must be nothing
     * @throws UsageException if it exists or holds unfinished work and is not to be resumed, if it overlaps with the
     *     input, if somebody else writes it, or if it cannot be created
     */
    public static OutputDirectory reserve(String output, String input, boolean resume, Configuration configuration) {
        try {
            Path path = LiteralPath.of(output);
            FileSystem files = path.getFileSystem(configuration);
            Path target = files.makeQualified(path);
            requireApart(output, target, input, configuration);
            if (!resume) {
                requireAbsent(files, target);
            }
            Path lockFile = beside(target, ".lock");
            OutputLock lock = OutputLock.acquire(files, lockFile, output);
            Path staging = beside(target, ".unfinished");
            OutputDirectory directory = new OutputDirectory(files, target, staging, lock);
            try {
                directory.prepare(resume);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
            return directory;
        } catch (IOException | IllegalArgumentException e) {
            if (e instanceof UsageException usage) {
                throw usage;
            }
            throw new UsageException("cannot create --output " + output + ": " + e.getMessage(), e);
        }
    }

    /** What is finished so far. */
    public Ledger ledger() {
        return ledger;
    }

    /** Begins the job, or another attempt at the one that is unfinished. */
    public void begin(JobState fresh) {
        ledger.begin(ledger.state().map(JobState::nextAttempt).orElse(fresh));
    }

    /** Whether an earlier job has published its tables here. */
    public boolean isPublished() {
        return exists(target);
    }

    /** Where something is kept until the job ends. */
    public String scratch(String name) {
        return new Path(staging, name).toString();
    }

    /** Where a table is written, and read back, until it is published. */
    public String table(String name) {
        return new Path(tables(), name).toString();
    }

    /** A table as an earlier job has published it. */
    public String publishedTable(String name) {
        return new Path(target, name).toString();
    }

    /** The directory that appears in the end. */
    public String target() {
        return target.toString();
    }

    /** Whether there is such a table in what an earlier job has published. */
    public boolean hasPublished(String name) {
        return exists(new Path(target, name));
    }

    /**
     * Moves everything into place.
     *
     * @throws RunFailedException if it cannot be moved
     */
    public void publish() {
        lock.requireHeld();
        try {
            if (files.exists(target)) {
                move(target, previous());
            }
            move(tables(), target);
            files.create(published(), true).close();
            finish();
        } catch (IOException e) {
            throw new RunFailedException("cannot move the finished output to " + target + ": " + e.getMessage(), e);
        }
    }

    /** Ends the job without another look at what is published. */
    public void finish() {
        finished = true;
    }

    @Override
    public void close() {
        try {
            if (finished || ledger.committed().isEmpty()) {
                files.delete(staging, true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + staging, e);
        } finally {
            lock.close();
        }
    }

    private void prepare(boolean resume) throws IOException {
        if (files.exists(published())) { // a crash while the ledger was deleted
            files.delete(staging, true);
        } else if (files.exists(previous())) { // a crash while tables were moved into place
            // What is there may be a part of them, on an object store; the ledger still has all rows.
            files.delete(target, true);
            move(previous(), target);
        }
        if (!resume) {
            requireAbsent(files, target);
            long rows = ledger.committed().stream().mapToLong(SliceEntry::rows).sum();
            if (rows > 0) {
                throw new UsageException("--output " + target.toUri().getPath() + " has unfinished work with " + rows
                        + " rows done; pass --resume to finish it, or delete "
                        + staging.toUri().getPath());
            }
            files.delete(staging, true);
        }
        ledger.discardUncommitted();
        files.delete(tables(), true);
        if (!files.mkdirs(staging)) {
            throw new UsageException("cannot create --output " + target + ": no directory can be made beside it");
        }
    }

    private static void requireAbsent(FileSystem files, Path target) throws IOException {
        if (files.exists(target)) {
            throw new UsageException("--output " + target.toUri().getPath()
                    + " exists and is not overwritten; name another, delete it, or pass --resume to add what it lacks");
        }
    }

    private static void requireApart(String output, Path target, String input, Configuration configuration)
            throws IOException {
        Path pattern = LiteralPath.of(input);
        FileSystem files = pattern.getFileSystem(configuration);
        FileStatus[] matches =
                files.exists(pattern) ? new FileStatus[] {files.getFileStatus(pattern)} : files.globStatus(pattern);
        for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
            Path source = files.makeQualified(match.getPath());
            if (isWithin(target, source)) {
                throw new UsageException("--output " + output + " lies inside --input " + input
                        + ", so that the results would be read as input; name a directory outside of it");
            }
            if (isWithin(source, target)) {
                throw new UsageException("--input " + input + " lies inside --output " + output
                        + ", which a run replaces as a whole; name another directory");
            }
        }
    }

    /** Hadoop's checksums make URIs of the names of files, where a colon ends a scheme. */
    private static Path beside(Path target, String ending) {
        String name = target.getName().replace("%", "%25").replace(":", "%3A");
        return new Path(target.getParent(), "." + name + ending);
    }

    private static boolean isWithin(Path inner, Path outer) {
        for (Path path = inner; path != null; path = path.getParent()) {
            if (path.equals(outer)) {
                return true;
            }
        }
        return false;
    }

    private void move(Path from, Path to) throws IOException {
        if (!files.rename(from, to)) {
            throw new IOException("cannot move " + from + " to " + to);
        }
    }

    private Path tables() {
        return new Path(staging, "tables");
    }

    private Path previous() {
        return new Path(staging, "previous");
    }

    /** Says that all tables are in place: a folder may be there in part, where renaming is copying. */
    private Path published() {
        return new Path(staging, "published");
    }

    private boolean exists(Path path) {
        try {
            return files.exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
