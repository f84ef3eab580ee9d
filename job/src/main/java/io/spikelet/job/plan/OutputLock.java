package io.spikelet.job.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.function.Uncheck;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write one output: a file next to it that names its owner, and a second one, the heartbeat, that the owner
 * writes again and again.
 *
 * <pre>
 * .NAME.lock       made only where there is none; who holds the lock
 * .NAME.lock.ID    made new every {@value #BEAT_SECONDS} s by the owner with that id; its time is what counts
 * </pre>
 *
 * A lock is taken over if its owner was a process of this machine that has ended, or if its heartbeat is older than {@value
 * #LEASE_SECONDS} s by the clock of the file system. An owner that returns too late, for example from a suspended machine,
 * has lost the lock: it must call {@link #requireHeld} before it replaces anything. Not thread-safe.
 */
final class OutputLock implements AutoCloseable {
    static final int BEAT_SECONDS = 20;
    static final int LEASE_SECONDS = 180;

    private static final Logger LOG = LoggerFactory.getLogger(OutputLock.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileSystem files;
    private final Path file;
    private final String output;
    private final LockOwner self = LockOwner.ofThisProcess();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("spikelet-lock").unstarted(task));

    private OutputLock(FileSystem files, Path file, String output) {
        this.files = files;
        this.file = file;
        this.output = output;
    }

    /**
     * Takes the lock.
     *
     * @param file the lock's; no other files begin with its name
     * @param output names what is locked in messages
     * @throws UsageException if another process has it
     */
    static OutputLock acquire(FileSystem files, Path file, String output) throws IOException {
        files.mkdirs(file.getParent());
        OutputLock lock = new OutputLock(files, file, output);
        try {
            if (lock.create() || (lock.takeOver() && lock.create())) {
                lock.beat();
                lock.clock.scheduleWithFixedDelay(lock::beatOrSay, BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
                return lock;
            }
            throw new UsageException(lock.refusal());
        } catch (IOException | RuntimeException e) {
            lock.clock.shutdownNow();
            throw e;
        }
    }

    /**
     * Checks that this process still holds the lock.
     *
     * @throws RunFailedException if another process has taken it over
     */
    void requireHeld() {
        Optional<LockOwner> owner = Uncheck.get(() -> owner(file), () -> "cannot read " + file);
        if (!isOurs(owner)) {
            throw new RunFailedException("the lock of --output " + output + " is "
                    + owner.map(other -> "now that of process " + other.process() + " on " + other.host())
                            .orElse("gone")
                    + ": this run was silent for more than " + LEASE_SECONDS
                    + " s, or its lock was deleted; it writes nothing more, run it with --resume");
        }
    }

    /** Whether this process still holds the lock. */
    boolean isHeld() throws IOException {
        return isOurs(owner(file));
    }

    private boolean isOurs(Optional<LockOwner> owner) {
        return owner.filter(self::equals).isPresent();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        try {
            files.delete(heartbeat(self), false);
            if (isHeld()) {
                files.delete(file, false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    private String refusal() throws IOException {
        Optional<LockOwner> owner = owner(file);
        return "--output " + output + " is being written by "
                + owner.map(o -> "process " + o.process() + " on " + o.host() + " since " + o.since())
                        .orElse("an unknown process")
                + "; wait for it. If it no longer runs, its lock expires " + LEASE_SECONDS
                + " s after its last renewal; to continue immediately delete " + name(file);
    }

    /** False if the file exists. */
    private boolean create() throws IOException {
        if (files.exists(file)) { // some stores look only on closing, or not at all
            return false;
        }
        try {
            try (OutputStream out = newFile()) {
                JSON.writeValue(out, self);
            }
        } catch (IOException e) {
            // Stores throw various exceptions for this; the owner in the file decides.
            if (!files.exists(file)) {
                throw e;
            }
        }
        return isHeld();
    }

    /** Hadoop's local file system looks first and creates then; the JDK does both in one. */
    private OutputStream newFile() throws IOException {
        if ("file".equals(files.getUri().getScheme())) {
            return Files.newOutputStream(
                    java.nio.file.Path.of(name(file)), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        String conditional = CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE;
        if (!files.hasPathCapability(file, conditional)) {
            return files.create(file, false);
        }
        FSDataOutputStreamBuilder<?, ?> builder = files.createFile(file);
        builder.overwrite(true);
        builder.must(conditional, true);
        return builder.build();
    }

    /** Moves the lock of an owner that has ended out of the way; false if it has not, or another process was faster. */
    private boolean takeOver() throws IOException {
        Optional<LockOwner> owner = owner(file);
        if (!owner.map(LockOwner::isGone).orElse(false) && !isSilent(owner)) {
            return false;
        }
        Path aside = beside(UUID.randomUUID().toString());
        if (!files.exists(file) || !files.rename(file, aside)) {
            return false;
        }
        boolean isTheSame = owner(aside).equals(owner);
        if (isTheSame) {
            files.delete(aside, false);
            if (owner.isPresent()) {
                files.delete(heartbeat(owner.get()), false);
            }
        } else {
            files.rename(aside, file);
        }
        return isTheSame;
    }

    /** Whether the heartbeat, or a lock without one, is old by the clock that gives files their times. */
    private boolean isSilent(Optional<LockOwner> owner) throws IOException {
        beat();
        Path own = heartbeat(self);
        try {
            long now = files.getFileStatus(own).getModificationTime();
            Path sign = owner.map(this::heartbeat).filter(this::exists).orElse(file);
            return now - files.getFileStatus(sign).getModificationTime()
                    > Duration.ofSeconds(LEASE_SECONDS).toMillis();
        } catch (FileNotFoundException e) { // it has just ended
            return false;
        } finally {
            files.delete(own, false);
        }
    }

    private void beat() throws IOException {
        files.create(heartbeat(self), true).close();
    }

    private void beatOrSay() {
        try {
            beat();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the lock {} could not be renewed; it ends {} s after it last was", file, LEASE_SECONDS, e);
        }
    }

    private Path heartbeat(LockOwner owner) {
        return beside(owner.id());
    }

    private Path beside(String ending) {
        return new Path(file.getParent(), file.getName() + "." + ending);
    }

    private boolean exists(Path path) {
        return Uncheck.get(() -> files.exists(path), () -> "cannot read " + path);
    }

    /** The owner of the lock in a file; empty if it is being written, damaged or gone. */
    private Optional<LockOwner> owner(Path of) throws IOException {
        if (!files.exists(of)) {
            return Optional.empty();
        }
        try (InputStream in = files.open(of)) {
            return Optional.ofNullable(JSON.readValue(in, LockOwner.class)).filter(LockOwner::isNamed);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String name(Path path) {
        return path.toUri().getPath();
    }
}
