package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputLockTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path lock;

    @BeforeEach
    void name() {
        lock = folder.resolve(".out.lock");
    }

    @Test
    void whoHoldsTheLockIsNamedWithTheWayOutAndNothingIsLeft() throws IOException {
        try (OutputLock held = acquire()) {
            assertThatThrownBy(this::acquire)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(
                            "--output out is being written by process "
                                    + ProcessHandle.current().pid(),
                            "wait for it",
                            "180 s after its last renewal",
                            "delete " + lock);
            held.requireHeld();
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theLockOfAProcessOfThisMachineThatIsGoneIsTakenOverAtOnce() throws Exception {
        LockOwner gone = elsewhere(LockOwner.hostName(), LockOwner.thisMachine(), finished());
        write(gone, Duration.ZERO);

        acquire().close();

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theIdInALockLeadsToNoOtherFile() throws Exception {
        Path other = Files.writeString(folder.resolve("other"), "x");
        Files.writeString(
                lock,
                "{\"id\": \"/../other\", \"host\": \"" + LockOwner.hostName() + "\", \"machine\": \""
                        + LockOwner.thisMachine() + "\", \"process\": " + finished() + "}");
        Files.setLastModifiedTime(lock, FileTime.from(Instant.EPOCH));

        acquire().close();

        assertThat(other).exists();
        assertThat(lock).doesNotExist();
    }

    @Test
    void aProcessThatCannotBeSeenFromHereIsBelievedAsLongAsItsHeartBeats() throws Exception {
        for (LockOwner owner : List.of(
                elsewhere("elsewhere.invalid", LockOwner.thisMachine(), finished()),
                elsewhere(LockOwner.hostName(), "another container", finished()))) {
            write(owner, Duration.ofSeconds(OutputLock.LEASE_SECONDS / 2));

            assertThatThrownBy(this::acquire)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("process " + owner.process() + " on " + owner.host() + " since then");
            assertThat(files()).containsExactlyInAnyOrder(".out.lock", ".out.lock." + owner.id());

            write(owner, Duration.ofSeconds(OutputLock.LEASE_SECONDS * 2));
            acquire().close();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void aLockThatSaysNothingEndsToo() throws IOException {
        for (String damaged : List.of("null", "", "{\"host\":null}", "{\"host\":\"a\",\"process\":1}", "[1")) {
            Files.writeString(lock, damaged);
            assertThatThrownBy(this::acquire)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("an unknown process", "delete " + lock);

            age(lock, Duration.ofSeconds(OutputLock.LEASE_SECONDS * 2));
            acquire().close();
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void anOwnerThatWasSilentForTooLongLosesTheLockAndDeletesNobodyElses() throws IOException {
        OutputLock sleeper = acquire();
        // it lives, but on a machine that cannot be seen
        LockOwner owner = JSON.readValue(lock.toFile(), LockOwner.class);
        LockOwner hidden = new LockOwner(owner.id(), "elsewhere.invalid", "", owner.process(), "", owner.since());
        write(hidden, Duration.ofSeconds(OutputLock.LEASE_SECONDS * 2));

        try (OutputLock next = acquire()) {
            assertThatThrownBy(sleeper::requireHeld)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContainingAll(
                            "--output out", "process " + ProcessHandle.current().pid(), "--resume");
            sleeper.close();
            next.requireHeld();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aLockThatWasDeletedIsNotHeld() throws IOException {
        try (OutputLock held = acquire()) {
            Files.delete(lock);

            assertThatThrownBy(held::requireHeld)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("gone");
        }
    }

    /** As on S3: both see nothing when they begin, and the store decides when they end. */
    @Test
    void aStoreThatCreatesOnClosingDecidesBetweenTwo() throws IOException {
        Configuration configuration = new Configuration(false);
        configuration.set("fs.conditional.impl", ConditionalFileSystem.class.getName());
        FileSystem store = FileSystem.newInstance(URI.create("conditional:///"), configuration);
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path("conditional://" + lock);
        LockOwner other = elsewhere("elsewhere.invalid", "", 1);
        ConditionalFileSystem.beforeClose(() -> write(other, Duration.ZERO));

        assertThatThrownBy(() -> OutputLock.acquire(store, file, "out"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("on elsewhere.invalid");
        assertThat(JSON.readValue(lock.toFile(), LockOwner.class)).isEqualTo(other);

        Files.delete(lock);
        ConditionalFileSystem.beforeClose(() -> {});
        OutputLock.acquire(store, file, "out").close();
        assertThat(lock).doesNotExist();
    }

    private OutputLock acquire() throws IOException {
        Configuration configuration = new Configuration(false);
        return OutputLock.acquire(
                FileSystem.getLocal(configuration).getRaw(), new org.apache.hadoop.fs.Path(lock.toUri()), "out");
    }

    private static LockOwner elsewhere(String host, String machine, long process) {
        return new LockOwner("id-" + host + machine.hashCode(), host, machine, process, "", "then");
    }

    private static long finished() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    /** A lock whose heart last beat so long ago. */
    private void write(LockOwner owner, Duration silence) throws IOException {
        Files.write(lock, JSON.writeValueAsBytes(owner));
        Path heartbeat = folder.resolve(".out.lock." + owner.id());
        Files.write(heartbeat, new byte[0]);
        age(heartbeat, silence);
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(
                file, FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() - age.toMillis()));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
