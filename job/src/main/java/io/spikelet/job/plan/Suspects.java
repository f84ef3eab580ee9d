package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Rows that may have ended the JVM in which they were worked on, over all processes of a run, so that each process steps over
 * what the ones before it found. In one folder:
 *
 * <pre>
 *   rows.json      rows, each with how much speaks against it
 *   2/…            what tasks of process 2 noted ({@link #begun}), until that process has ended
 *   2/….end        how a task attempt ended, by the driver, which is another JVM: {@value #JVM_ENDED}, or nothing of it
 *   2/report       if the driver is the executor: the file that its JVM writes when it crashes
 * </pre>
 *
 * A row that was worked on alone when an executor ended is blamed. Where the driver is the executor nothing is left to say
 * how it ended: a crash with a report of the JVM blames a row that was worked on alone, an end without one, which may have
 * been a kill, only the third time. All others that were in flight are worked on alone the next time. Not thread-safe.
 */
public final class Suspects {
    /** What the note of an attempt says that ended with its JVM. */
    public static final String JVM_ENDED = "the JVM ended";

    /** Of the name of a file that says how a task attempt ended. */
    public static final String END = ".end";

    /** The file that names the report of a crash. */
    public static final String REPORT = "report";

    /** What a line begins with: a row that begins among others, one that begins alone, one that has ended. */
    public static final char AMONG_OTHERS = '+';

    public static final char ALONE = '!';
    public static final char ENDED = '-';

    private static final int BLAMED = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileSystem files;
    private final Path folder;
    private final Map<String, Integer> rows = new HashMap<>();

    Suspects(FileSystem files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /** Where a process notes what it does. */
    public String folder(int process) {
        return new Path(folder, Integer.toString(process)).toString();
    }

    /** Rows to step over. */
    public Set<String> blamed() {
        return rows.entrySet().stream()
                .filter(row -> row.getValue() >= BLAMED)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Rows to work on alone. */
    public Set<String> watched() {
        return Set.copyOf(rows.keySet());
    }

    /** Whether there are any, those included that tasks of this process have noted; these must have ended. */
    public boolean exist() {
        Uncheck.run(() -> settle(false), () -> "cannot read " + folder);
        return !rows.isEmpty();
    }

    /** Every row gets another chance. */
    public void clear() {
        rows.clear();
        Uncheck.run(() -> files.delete(file(), false), () -> "cannot delete " + file());
    }

    /**
     * Takes over what earlier processes have found, and what the last ones have noted.
     *
     * @param hasEnded whether these are gone; else it is this process, which comes to its end in order
     */
    void settle(boolean hasEnded) throws IOException {
        if (!files.exists(folder)) {
            return;
        }
        if (files.exists(file())) {
            rows.putAll(read());
        }
        for (FileStatus process : files.listStatus(folder)) {
            if (process.isDirectory()) {
                Path report = new Path(process.getPath(), REPORT);
                if (!files.exists(report)) {
                    settleExecutors(process.getPath());
                } else if (hasEnded) {
                    settleDriver(process.getPath(), Files.exists(java.nio.file.Path.of(text(report))));
                }
                if (!rows.isEmpty()) {
                    LedgerFiles.replace(files, file(), rows);
                }
                files.delete(process.getPath(), true);
            }
        }
    }

    private void settleExecutors(Path process) throws IOException {
        for (FileStatus note : files.listStatus(process)) {
            Path end = note.getPath().suffix(END);
            if (files.exists(end) && text(end).equals(JVM_ENDED)) {
                begun(text(note.getPath())).keySet().forEach(row -> rows.put(row, BLAMED));
            }
        }
    }

    private void settleDriver(Path process, boolean crashed) throws IOException {
        Map<String, Boolean> inFlight = new HashMap<>();
        for (FileStatus note : files.listStatus(process)) {
            inFlight.putAll(begun(text(note.getPath())));
        }
        inFlight.forEach((row, isAlone) -> {
            boolean isSuspect = isAlone || inFlight.size() == 1;
            int weight = crashed ? BLAMED : 1;
            rows.merge(row, isSuspect ? weight : 0, Integer::sum);
        });
    }

    /** Rows of a note that have begun and not ended, and whether each was worked on alone. */
    public static Map<String, Boolean> begun(String note) {
        Map<String, Boolean> begun = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>(List.of(note.split("\n", -1)));
        lines.removeLast(); // not whole, or empty
        for (String line : lines) {
            if (line.isEmpty()) {
                continue;
            }
            String row = line.substring(1);
            if (line.charAt(0) == ENDED) {
                begun.remove(row);
            } else {
                begun.put(row, line.charAt(0) == ALONE);
            }
        }
        return begun;
    }

    private String text(Path of) throws IOException {
        try (InputStream in = files.open(of)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** None from a file that is damaged: then they are found again. */
    private Map<String, Integer> read() throws IOException {
        try (InputStream in = files.open(file())) {
            Map<String, Integer> found = JSON.readValue(in, new TypeReference<>() {});
            return found == null || found.containsValue(null) ? Map.of() : found;
        } catch (JsonProcessingException e) {
            return Map.of();
        }
    }

    private Path file() {
        return new Path(folder, "rows.json");
    }
}
