package io.spikelet.job.plan;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The finished work of a job that is not finished itself, in one folder:
 *
 * <pre>
 *   job.json                        what the job is
 *   rows/__spikelet_attempt=1/….parquet   rows, each file written by one attempt at a task under a name of its own
 *   entries/00000007.json           written after files: their commits
 *   packs/00000000.json             many entries in one file
 * </pre>
 *
 * A file that no entry names is ignored. The ledger needs neither renames nor appends, which object stores do not have.
 * Entries become packs, so that each commit is written at most twice and read once. There is one writer, the holder of the
 * {@link OutputLock}; a writer that lost the lock writes nothing. Thread-safe.
 */
public final class Ledger {
    /** The column that says which attempt made a row: Spark takes it from the folder's name. */
    public static final String ATTEMPT = SourceColumns.PREFIX + "attempt";

    /** Entries per pack. */
    static final int ENTRIES_OF_A_PACK = 256;

    private static final String STATE = "job.json";
    private static final String ENTRIES = "entries";
    private static final String PACKS = "packs";

    private final FileSystem files;
    private final Path folder;
    private final Runnable fence;
    private List<Path> loose; // entries that are in no pack, once listed
    private int next;

    /** @param fence fails if another process may write the ledger */
    Ledger(FileSystem files, Path folder, Runnable fence) {
        this.files = files;
        this.folder = folder;
        this.fence = fence;
    }

    /** Where it is. */
    public String folder() {
        return folder.toString();
    }

    /**
     * The job that the folder belongs to, if one has started.
     *
     * @throws UncheckedIOException if the existing files do not say
     */
    public Optional<RunState> state() {
        Path file = new Path(folder, STATE);
        try {
            // A crash between deleting and moving leaves the second one.
            for (Path written : List.of(file, LedgerFiles.partial(file))) {
                if (files.exists(written)) {
                    return Optional.of(LedgerFiles.read(files, written, RunState.class));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Starts a job, or another attempt at it. */
    void begin(RunState state) {
        fence.run();
        Path file = new Path(folder, STATE);
        Uncheck.run(() -> LedgerFiles.replace(files, file, state), () -> "cannot write " + file);
    }

    /**
     * What is committed, in the order of attempts and shards. Entries are read first: one that goes meanwhile is in a pack,
     * which is there before the entry is deleted, so that a reader needs no lock against the writer.
     */
    public synchronized List<ShardCommit> committed() {
        try {
            Map<String, ShardCommit> commits = new LinkedHashMap<>(); // a crash while packing leaves some of them twice
            for (String part : List.of(ENTRIES, PACKS)) {
                for (Path file : listed(part)) {
                    for (ShardCommit commit : readIfPresent(file, part)) {
                        commits.put(commit.attempt() + "/" + commit.shard() + "/" + commit.file(), commit);
                    }
                }
            }
            List<ShardCommit> sorted = new ArrayList<>(commits.values());
            sorted.sort(Comparator.comparingInt(ShardCommit::attempt).thenComparingInt(ShardCommit::shard));
            return sorted;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the ledger in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Commits files that are written. */
    public synchronized void append(Collection<ShardCommit> commits) {
        fence.run();
        try {
            list();
            Path entry = file(ENTRIES, next++);
            LedgerFiles.replace(files, entry, commits);
            loose.add(entry);
            if (loose.size() >= ENTRIES_OF_A_PACK) {
                List<ShardCommit> packed = new ArrayList<>();
                for (Path part : loose) {
                    packed.addAll(read(part));
                }
                replace(loose, packed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to the ledger in " + folder + ": " + e.getMessage(), e);
        }
    }

    private List<ShardCommit> readIfPresent(Path file, String part) throws IOException {
        try {
            return read(file);
        } catch (FileNotFoundException e) {
            if (part.equals(ENTRIES)) {
                return List.of();
            }
            throw e;
        }
    }

    private List<ShardCommit> read(Path file) throws IOException {
        List<ShardCommit> commits = Arrays.asList(LedgerFiles.read(files, file, ShardCommit[].class));
        if (commits.contains(null)) {
            throw new IOException(file + " holds null");
        }
        return commits;
    }

    private void list() throws IOException {
        if (loose == null) {
            loose = new ArrayList<>(listed(ENTRIES));
            next = 1
                    + Stream.concat(loose.stream(), listed(PACKS).stream())
                            .mapToInt(Ledger::number)
                            .max()
                            .orElse(-1);
        }
    }

    /** Replaces some files by a pack. */
    private void replace(List<Path> old, List<ShardCommit> commits) throws IOException {
        LedgerFiles.replace(files, file(PACKS, next++), commits);
        for (Path file : List.copyOf(old)) {
            files.delete(file, false);
        }
        loose.removeAll(old);
    }

    /** The folder of the rows. */
    public String rows() {
        return new Path(folder, "rows").toString();
    }

    /** Where an attempt writes its rows. */
    public String rows(int attempt) {
        return new Path(rows(), ATTEMPT + "=" + attempt).toString();
    }

    /** Paths of the files that are committed. */
    public List<String> files() {
        return committed().stream()
                .flatMap(commit -> commit.dataFile().stream())
                .map(file -> new Path(rows(), file).toString())
                .toList();
    }

    /**
     * Deletes files that were never committed, and entries of files that are gone: their rows must be processed again.
     *
     * @return how many committed files are gone
     */
    synchronized int repair() throws IOException {
        Map<String, ShardCommit> byFile = new HashMap<>();
        List<ShardCommit> committed = committed();
        committed.forEach(commit -> commit.dataFile().ifPresent(file -> byFile.put(file, commit)));
        Path rows = new Path(rows());
        Set<String> present = new HashSet<>();
        if (files.exists(rows)) {
            for (RemoteIterator<LocatedFileStatus> found = files.listFiles(rows, true); found.hasNext(); ) {
                Path file = found.next().getPath();
                String name = file.getParent().getName() + "/" + file.getName();
                if (byFile.containsKey(name)) {
                    present.add(name);
                } else {
                    files.delete(file, false);
                }
            }
        }
        int gone = byFile.size() - present.size();
        if (gone > 0) {
            List<ShardCommit> kept = committed.stream()
                    .filter(commit -> commit.dataFile().isEmpty() || present.contains(commit.file()))
                    .toList();
            List<Path> old = new ArrayList<>(listed(PACKS));
            old.addAll(listed(ENTRIES));
            list();
            replace(old, kept);
        }
        return gone;
    }

    private List<Path> listed(String part) throws IOException {
        Path parts = new Path(folder, part);
        if (!files.exists(parts)) {
            return List.of();
        }
        return Arrays.stream(files.listStatus(parts))
                .map(FileStatus::getPath)
                .filter(file -> file.getName().matches("\\d+\\.json"))
                .sorted(Comparator.comparing(Path::getName))
                .toList();
    }

    private Path file(String part, int number) {
        return new Path(new Path(folder, part), String.format(Locale.ROOT, "%08d.json", number));
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getName().substring(0, file.getName().length() - ".json".length()));
    }
}
