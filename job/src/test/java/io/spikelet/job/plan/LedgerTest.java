package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
    @TempDir
    private Path folder;

    @Test
    void manyCommitsAreFewFilesAndNoneIsLost() throws IOException {
        List<ShardCommit> commits = new ArrayList<>();
        Ledger writer = ledger();
        for (int shard = 0; shard < 3 * Ledger.ENTRIES_OF_A_PACK + 5; shard++) {
            commits.add(commit(shard));
            writer.append(List.of(commit(shard)));
        }

        assertThat(ledger().committed()).isEqualTo(commits);
        assertThat(count("packs")).isEqualTo(3);
        assertThat(count("entries")).isEqualTo(5);
    }

    @Test
    void aCrashBetweenAPackAndTheEntriesInItCountsNothingTwice() throws IOException {
        Ledger writer = ledger();
        for (int shard = 0; shard < Ledger.ENTRIES_OF_A_PACK - 1; shard++) {
            writer.append(List.of(commit(shard)));
        }
        Path entry = folder.resolve("entries/00000003.json");
        byte[] kept = Files.readAllBytes(entry);
        writer.append(List.of(commit(Ledger.ENTRIES_OF_A_PACK - 1)));
        Files.write(entry, kept);

        assertThat(ledger().committed()).hasSize(Ledger.ENTRIES_OF_A_PACK);
        ledger().append(List.of(commit(1000)));
        assertThat(ledger().committed()).hasSize(Ledger.ENTRIES_OF_A_PACK + 1);
    }

    @Test
    void filesThatAreGoneAreNotCommittedAnyMoreAndFilesThatNeverWereAreDeleted() throws IOException {
        Path rows = Files.createDirectories(folder.resolve("rows/" + Ledger.ATTEMPT + "=1"));
        Files.writeString(rows.resolve("0.parquet"), "rows");
        Files.writeString(rows.resolve("9.parquet"), "rows");
        ledger().append(List.of(commit(0), commit(1)));
        ledger().append(List.of(commit(2)));

        assertThat(ledger().repair()).isEqualTo(2);

        assertThat(ledger().committed()).containsExactly(commit(0));
        assertThat(rows.resolve("9.parquet")).doesNotExist();
        assertThat(rows.resolve("0.parquet")).exists();
        assertThat(ledger().repair()).isZero();
    }

    @Test
    void aReaderSeesAllThatIsCommittedWhileEntriesArePacked() throws Exception {
        int commits = Ledger.ENTRIES_OF_A_PACK + 20;
        AtomicInteger written = new AtomicInteger();
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Future<?> writing = writer.submit(() -> {
                Ledger ledger = ledger();
                for (int shard = 0; shard < commits; shard++) {
                    ledger.append(List.of(commit(shard)));
                    written.incrementAndGet();
                }
            });
            int reads = 0;
            while (!writing.isDone() || reads == 0) {
                int before = written.get();
                assertThat(ledger().committed()).hasSizeGreaterThanOrEqualTo(before);
                reads++;
            }
            writing.get();
        }
        assertThat(ledger().committed()).hasSize(commits);
    }

    @Test
    void aKillBetweenTheTwoMovesOfALocalFileLeavesAStateThatCanBeRead() throws IOException {
        Path checksum = folder.resolve(".job.json.crc");
        ledger().begin(new RunState("run-1", 1, 1, Map.of("seed", "1"), 0, 1));
        byte[] earlier = Files.exists(checksum) ? Files.readAllBytes(checksum) : null;
        RunState later = new RunState("run-1", 1, 2, Map.of("seed", "1"), 0, 1);
        ledger().begin(later);
        if (earlier != null) {
            Files.write(checksum, earlier);
        }

        assertThat(ledger().state()).contains(later);
    }

    @Test
    void aStateThatIsReplacedIsThereAtEveryMoment() throws Exception {
        RunState state = new RunState("run-1", 1, 1, Map.of("seed", "1"), 0, 1);
        Path file = folder.resolve("job.json");
        Ledger ledger = ledger();
        ledger.begin(state);
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Future<?> writing = writer.submit(() -> {
                for (int i = 0; i < 300; i++) {
                    ledger.begin(state);
                }
            });
            while (!writing.isDone()) {
                assertThat(Files.exists(file)).isTrue();
            }
            writing.get();
        }
    }

    @Test
    void aCrashOfAStoreThatDeletesBeforeItMovesLosesNoState() throws IOException {
        RunState state = new RunState("run-1", 1, 1, Map.of("seed", "1"), 0, 1);
        ledger().begin(state);
        Files.move(folder.resolve("job.json"), folder.resolve(".job.json.partial"));

        assertThat(ledger().state()).contains(state);
    }

    @Test
    void theChecksumOfAFileThatIsReplacedGoesWithIt() throws IOException {
        RunState state = new RunState("run-1", 1, 1, Map.of("seed", "1"), 0, 1);
        try (OutputStream out = FileSystem.getLocal(new Configuration())
                .create(new org.apache.hadoop.fs.Path(folder.resolve("job.json").toUri()))) {
            out.write("written by Hadoop, with a checksum".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(folder.resolve(".job.json.crc")).exists();

        ledger().begin(state);

        assertThat(ledger().state()).contains(state);
    }

    @Test
    void aDamagedEntryIsNamed() throws IOException {
        Files.createDirectories(folder.resolve("entries"));
        Path entry = folder.resolve("entries/00000000.json");
        for (String damaged : List.of("null", "[null]", "[{\"file\": \"cut")) {
            Files.writeString(entry, damaged);

            assertThatThrownBy(() -> ledger().committed())
                    .as(damaged)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(entry.toString());
        }
    }

    private Ledger ledger() {
        return UnlockedLedger.in(folder.toUri().toString());
    }

    private static ShardCommit commit(int shard) {
        String file = Ledger.ATTEMPT + "=1/" + shard + ".parquet";
        return new ShardCommit(file, 1, shard, 5, 7, 5, 6, 1.5, 1.25, "0", "host", "25", "jvm", "cpu", "scalar");
    }

    private long count(String part) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(part))) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }
}
