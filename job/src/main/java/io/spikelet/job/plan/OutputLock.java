package io.spikelet.job.plan;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The right to write one output: a file beside it that names its owner. A lock whose owner was a process of this host that
 * is gone is taken over; one of another host is believed. Not thread-safe.
 */
final class OutputLock implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileSystem files;
    private final Path file;

    private OutputLock(FileSystem files, Path file) {
        this.files = files;
        this.file = file;
    }

    /**
     * Who holds a lock.
     *
     * @param processStartedAt tells a process from a later one with the same number; empty where the system does not say
     */
    record Owner(String host, long process, String processStartedAt, String since) {
        static Owner ofThisProcess() {
            ProcessHandle self = ProcessHandle.current();
            return new Owner(
                    hostName(), self.pid(), startOf(self), Instant.now().toString());
        }

        boolean isGone() {
            return host.equals(hostName())
                    && ProcessHandle.of(process)
                            .filter(ProcessHandle::isAlive)
                            .filter(found -> startOf(found).equals(processStartedAt))
                            .isEmpty();
        }

        private static String startOf(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toString).orElse("");
        }

        private static String hostName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (IOException e) {
                return "localhost";
            }
        }
    }

    /**
     * Takes the lock.
     *
     * @throws UsageException if somebody else has it
     */
    static OutputLock acquire(FileSystem files, Path file, String output) throws IOException {
        files.mkdirs(file.getParent());
        OutputLock lock = new OutputLock(files, file);
        if (lock.create()) {
            return lock;
        }
        Optional<Owner> owner = lock.owner(file);
        if (owner.isPresent() && owner.get().isGone() && lock.discard(owner.get()) && lock.create()) {
            return lock;
        }
        throw new UsageException("--output " + output + " is being written by "
                + owner.map(o -> "process " + o.process() + " on " + o.host() + " since " + o.since())
                        .orElse("somebody who has not said who")
                + "; wait for it, or if it is no longer there delete "
                + file.toUri().getPath());
    }

    @Override
    public void close() {
        try {
            files.delete(file, false);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    /** False if the file exists. */
    private boolean create() throws IOException {
        try (OutputStream out = newFile()) {
            out.write(JSON.writeValueAsBytes(Owner.ofThisProcess()));
            return true;
        } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Hadoop's local file system looks first and creates then; the JDK does both in one. */
    private OutputStream newFile() throws IOException {
        return "file".equals(files.getUri().getScheme())
                ? Files.newOutputStream(
                        java.nio.file.Path.of(file.toUri().getPath()),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)
                : files.create(file, false);
    }

    private Optional<Owner> owner(Path of) {
        try (InputStream in = files.open(of)) {
            return Optional.of(JSON.readValue(in, Owner.class));
        } catch (IOException e) {
            return Optional.empty(); // being written, or just deleted
        }
    }

    /** Moves the lock of an owner who is gone out of the way; false if another process was faster. */
    private boolean discard(Owner gone) throws IOException {
        Path aside = new Path(file.getParent(), file.getName() + "." + UUID.randomUUID());
        if (!files.exists(file) || !files.rename(file, aside)) {
            return false;
        }
        boolean isTheSame = owner(aside).filter(gone::equals).isPresent();
        if (isTheSame) {
            files.delete(aside, false);
        } else {
            files.rename(aside, file);
        }
        return isTheSame;
    }
}
