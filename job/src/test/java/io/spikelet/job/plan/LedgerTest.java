package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
    @TempDir
    private Path folder;

    @Test
    void manyCommitsAreFewFilesAndNoneIsLost() throws IOException {
        List<ShardCommit> commits = new ArrayList<>();
        for (int shard = 0; shard < 3 * Ledger.ENTRIES_OF_A_PACK + 5; shard++) {
            commits.add(commit(shard));
            ledger().append(List.of(commit(shard)));
        }

        assertThat(ledger().committed()).isEqualTo(commits);
        assertThat(count("packs")).isEqualTo(3);
        assertThat(count("entries")).isEqualTo(5);
    }

    @Test
    void aCrashBetweenAPackAndTheEntriesInItCountsNothingTwice() throws IOException {
        for (int shard = 0; shard < Ledger.ENTRIES_OF_A_PACK - 1; shard++) {
            ledger().append(List.of(commit(shard)));
        }
        Path entry = folder.resolve("entries/00000003.json");
        byte[] kept = Files.readAllBytes(entry);
        ledger().append(List.of(commit(Ledger.ENTRIES_OF_A_PACK - 1)));
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
        return Ledger.open(folder.toUri().toString(), new Configuration());
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
