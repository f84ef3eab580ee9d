package io.spikelet.job.plan;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The way of a run's tables to their place. What stands there is moved aside and the new tables in; each step is noted before
 * it begins or after it is done, so that the next process finishes or undoes it. On an object store a folder is moved file
 * by file, copied first and then deleted: a crash leaves its files in two places, which together have all of them. A
 * published output is marked, and only what has the mark that was seen at the beginning is ever replaced. Not thread-safe.
 */
final class Publication {
    /** The mark of a published output; readers of tables skip names that begin so. */
    static final String MARK = "_spikelet.json";

    private static final List<String> COLUMNS_OF_RUNS = List.of("run_id", "fingerprint", "result_digest");

    private final FileSystem files;
    private final Path target;
    private final Path staging;
    private Optional<Mark> earlier = Optional.empty();

    Publication(FileSystem files, Path target, Path staging) {
        this.files = files;
        this.target = target;
        this.staging = staging;
    }

    /** Tells outputs apart. */
    private record Mark(String id) {}

    /**
     * Which tables are being moved into place.
     *
     * @param id of their mark
     * @param earlier that of what stood there; null if nothing did
     * @param isAside whether all of that has been moved aside
     */
    private record Step(String id, String earlier, boolean isAside) {}

    /** Where tables are put together. */
    Path tables() {
        return new Path(staging, "tables");
    }

    /**
     * Finds what is published, which this may replace.
     *
     * @throws UsageException if it is no output of a run
     */
    void begin() throws IOException {
        if (!files.exists(target)) {
            return;
        }
        if (!files.exists(new Path(target, MARK)) && hasRuns()) { // published before there were marks
            LedgerFiles.replace(files, new Path(target, MARK), newMark());
        }
        earlier = mark(target);
        if (earlier.isEmpty()) {
            throw new UsageException("--resume: " + name(target) + " is not the output of a run: it has neither " + MARK
                    + " nor a table " + Tables.RUNS + " that a run wrote; name another --output");
        }
    }

    /**
     * Moves everything into place.
     *
     * @throws RunFailedException if another process has created the directory meanwhile
     */
    void publish() throws IOException {
        Mark mark = newMark();
        LedgerFiles.replace(files, new Path(tables(), MARK), mark);
        String replaced = earlier.map(Mark::id).orElse(null);
        LedgerFiles.replace(files, publishing(), new Step(mark.id(), replaced, false));
        if (files.exists(target)) {
            if (earlier.isEmpty() || !mark(target).equals(earlier)) {
                throw new RunFailedException(name(target)
                        + " was created by another process during the run and is not replaced;"
                        + " move it away and run the same command with --resume, which only writes the tables");
            }
            LedgerFiles.moveToNew(files, target, previous());
            LedgerFiles.replace(files, publishing(), new Step(mark.id(), replaced, true));
        }
        LedgerFiles.moveToNew(files, tables(), target);
        files.create(published(), true).close();
    }

    /** Whether all tables are in place: a folder may be there in part, where renaming is copying. */
    boolean isDone() throws IOException {
        return files.exists(published());
    }

    /** Puts back what was there before a process ended while it moved tables. The ledger still has all rows. */
    void undo() throws IOException {
        Optional<Step> step = files.exists(publishing())
                ? Optional.of(LedgerFiles.read(files, publishing(), Step.class))
                : Optional.empty();
        boolean hasPrevious = files.exists(previous());
        if (files.exists(target)) {
            Optional<String> there = mark(target).map(Mark::id);
            if (there.isPresent() && there.equals(step.map(Step::id))) {
                files.delete(target, true); // all of it or a part
            } else if (!hasPrevious && there.isPresent()) {
                return; // nothing was moved yet
            } else if (step.filter(moving -> moving.earlier() != null && !moving.isAside())
                    .isPresent()) {
                bringBack(step.get().earlier(), there);
                return;
            } else {
                throw new UsageException("--output " + name(target)
                        + " was being replaced when a run ended, and is not what that run wrote; if no other process created it,"
                        + " delete it and run the same command with --resume");
            }
        }
        if (hasPrevious) {
            LedgerFiles.moveToNew(files, previous(), target);
        }
    }

    /** What was published is in two places, and must not be deleted in either. */
    private void bringBack(String id, Optional<String> there) throws IOException {
        Optional<String> aside = mark(previous()).map(Mark::id);
        if (!there.or(() -> aside).equals(Optional.of(id))) {
            throw new UsageException("--output " + name(target) + " was being moved to " + name(previous())
                    + " when a run ended, and another process has written it since; keep both, combine by hand what"
                    + " belongs together, and name another --output");
        }
        int prefix = name(previous()).length() + 1;
        for (RemoteIterator<LocatedFileStatus> moved = files.listFiles(previous(), true); moved.hasNext(); ) {
            Path file = moved.next().getPath();
            Path own = new Path(target, name(file).substring(prefix));
            if (!files.exists(own)) {
                files.mkdirs(own.getParent());
                LedgerFiles.moveToNew(files, file, own);
            }
        }
        files.delete(previous(), true);
    }

    /** Whether a process ended while it moved tables. */
    boolean isInterrupted() throws IOException {
        return files.exists(publishing()) || files.exists(previous());
    }

    private boolean hasRuns() {
        try {
            return Arrays.stream(files.listStatus(new Path(target, Tables.RUNS)))
                    .map(file -> file.getPath().toUri().toString())
                    .filter(file -> file.endsWith(".parquet"))
                    .limit(1)
                    .map(file -> ParquetHeading.read(file, files.getConf()).schema())
                    .anyMatch(columns -> COLUMNS_OF_RUNS.stream().allMatch(columns::containsField));
        } catch (IOException | RuntimeException e) {
            return false; // an unreadable table is not from this program
        }
    }

    private Optional<Mark> mark(Path folder) {
        try {
            Path mark = new Path(folder, MARK);
            return files.exists(mark) ? Optional.of(LedgerFiles.read(files, mark, Mark.class)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // an unreadable mark is not from this program
        }
    }

    private static Mark newMark() {
        return new Mark(UUID.randomUUID().toString());
    }

    private Path previous() {
        return new Path(staging, "previous");
    }

    private Path publishing() {
        return new Path(staging, "publishing.json");
    }

    private Path published() {
        return new Path(staging, "published");
    }

    private static String name(Path path) {
        return path.toUri().getPath();
    }
}
