package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output of one job. Finished work is collected in a hidden folder next to it, {@code .NAME.unfinished}; the tables
 * are assembled there and moved into place at once, so that the output appears complete or not at all. Committed rows
 * survive the process; closing deletes the folder only if nothing is committed. Not thread-safe.
 */
public final class OutputDirectory implements AutoCloseable {
    private final FileSystem files;
    private final Path target;
    private final Path staging;
    private final Ledger ledger;
    private final OutputLock lock;
    private final Publication publication;
    private final Suspects suspects;
    private int goneFiles;
    private boolean finished;

    private OutputDirectory(FileSystem files, Path target, Path staging, OutputLock lock) {
        this.files = files;
        this.target = target;
        this.staging = staging;
        this.ledger = new Ledger(files, ledgerFolder(), lock::requireHeld);
        this.lock = lock;
        this.publication = new Publication(files, target, staging);
        this.suspects = new Suspects(files, new Path(staging, "suspects"));
    }

    /**
     * Reserves an output directory.
     *
     * @param inputs that must not lie in it, nor it in them
     * @param resume whether to continue existing work; otherwise there must be none
     * @throws UsageException if it exists or holds unfinished work and is not to be resumed, if what is there is no output of
     *     a run or does not say how it came about, if it overlaps with an input, if another process writes it, or if it cannot
     *     be created
     */
    public static OutputDirectory reserve(
            String output, List<String> inputs, boolean resume, Configuration configuration) {
        try {
            Path path = LiteralPath.of(output);
            FileSystem files = path.getFileSystem(configuration);
            Path target = files.makeQualified(path);
            OutputPathCheck.requireNoDanglingLink(target);
            for (String input : inputs) {
                OutputPathCheck.requireApart(output, target, input, configuration);
            }
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
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            if (e instanceof UsageException usage) {
                throw usage;
            }
            throw new UsageException("cannot create --output " + output + ": " + e.getMessage(), e);
        }
    }

    /** The folder for the progress of long rows, which is kept until the job ends. */
    public String progress() {
        return progressFolder().toString();
    }

    /** What is finished so far. */
    public Ledger ledger() {
        return ledger;
    }

    /** Rows that may have ended a JVM. */
    public Suspects suspects() {
        return suspects;
    }

    /** Committed files that were deleted; their rows must be processed again. */
    public int goneFiles() {
        return goneFiles;
    }

    /** Begins the job, or another attempt at the one that is unfinished. */
    public void begin(RunState state) {
        ledger.begin(state);
    }

    /** Whether an earlier job has published its tables here. */
    public boolean isPublished() {
        return exists(target);
    }

    /** A place for files that are kept until the job ends. */
    public String scratch(String name) {
        return new Path(staging, name).toString();
    }

    /** Where unfinished work is kept. */
    public String unfinished() {
        return staging.toString();
    }

    /** Deletes what was kept, unless another process has the output by now: it keeps its own under the same name. */
    public void discard(String scratch) {
        lock.requireHeld();
        Uncheck.run(() -> files.delete(new Path(scratch), true), () -> "cannot delete " + scratch);
    }

    /** The place of a table until it is published. */
    public String table(String name) {
        return new Path(publication.tables(), name).toString();
    }

    /** Moves the one part of a table that is a single text file to the place of a table. */
    public void moveToTable(String folder, String name) {
        try {
            for (FileStatus part : files.listStatus(new Path(folder))) {
                if (part.getPath().getName().startsWith("part-")) {
                    LedgerFiles.moveToNew(files, part.getPath(), new Path(publication.tables(), name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + name, e);
        }
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
     * @throws RunFailedException if it cannot be moved, or if another process has created the directory meanwhile
     */
    public void publish() {
        lock.requireHeld();
        try {
            publication.publish();
            finish();
        } catch (IOException e) {
            throw new RunFailedException("cannot move the finished output to " + target + ": " + e.getMessage(), e);
        }
    }

    /** Ends the job without checking the published output again. */
    public void finish() {
        finished = true;
    }

    @Override
    public void close() {
        try {
            if (!lock.isHeld()) { // another process has it now
                return;
            }
            boolean isNeeded = !finished
                    && (suspects.exist() || hasProgress() || !ledger.committed().isEmpty());
            if (!isNeeded) {
                deleteStaging();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + staging, e);
        } finally {
            lock.close();
        }
    }

    private void prepare(boolean resume) throws IOException {
        if (publication.isDone()) { // a crash while the ledger was deleted
            deleteStaging();
        } else if (publication.isInterrupted()) {
            publication.undo();
        }
        long rows = ledger.committed().stream().mapToLong(ShardCommit::rows).sum();
        if (!resume) {
            requireAbsent(files, target);
            if (rows > 0) {
                throw new UsageException("--output " + target.toUri().getPath() + " has unfinished work with " + rows
                        + " rows done; pass --resume to finish it, or delete "
                        + staging.toUri().getPath());
            }
            files.delete(staging, true);
        } else if (rows == 0) {
            files.delete(ledgerFolder(), true);
        } else {
            requireState();
            goneFiles = ledger.repair();
        }
        suspects.settle(true);
        if (files.exists(staging)) {
            for (FileStatus left : files.listStatus(staging)) { // by a process that died
                if (!List.of(ledgerFolder(), suspects.folder(), progressFolder())
                        .contains(left.getPath())) {
                    files.delete(left.getPath(), true);
                }
            }
        }
        if (!files.mkdirs(staging)) {
            throw new UsageException("cannot create --output " + target + ": no directory can be created next to it");
        }
        publication.begin();
    }

    /** The ledger first: without it, what says that all is published is not needed. */
    private void deleteStaging() throws IOException {
        files.delete(ledgerFolder(), true);
        files.delete(staging, true);
    }

    private void requireState() {
        String reason;
        try {
            if (ledger.state().isPresent()) {
                return;
            }
            reason = "job.json is not there";
        } catch (UncheckedIOException e) {
            reason = e.getMessage();
        }
        throw new UsageException("--resume: the unfinished work of --output "
                + target.toUri().getPath()
                + " does not say how its work was done (" + reason + "); delete "
                + staging.toUri().getPath() + " to start again");
    }

    private static void requireAbsent(FileSystem files, Path target) throws IOException {
        if (files.exists(target)) {
            throw exists(target.toUri().getPath());
        }
    }

    static UsageException exists(String target) {
        return new UsageException("--output " + target
                + " exists and is not overwritten; name another, delete it, or pass --resume to add what it lacks");
    }

    /** Hadoop's checksums make URIs of the names of files, where a colon ends a scheme. */
    private static Path beside(Path target, String ending) {
        String name = target.getName().replace("%", "%25").replace(":", "%3A");
        return new Path(target.getParent(), "." + name + ending);
    }

    private boolean hasProgress() throws IOException {
        return files.exists(progressFolder()) && files.listStatus(progressFolder()).length > 0;
    }

    private Path progressFolder() {
        return new Path(staging, "progress");
    }

    private Path ledgerFolder() {
        return new Path(staging, "ledger");
    }

    private boolean exists(Path path) {
        return Uncheck.get(() -> files.exists(path), () -> "cannot read " + path);
    }
}
