package io.spikelet.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A result file that is written next to its destination and moved there when complete, so that no reader sees half of
 * it. One writer, one thread.
 */
final class AtomicFile implements AutoCloseable {
    private final Path destination;
    private final Path staging;

    /**
     * Creates the folder of the destination where it is missing.
     *
     * @throws IllegalArgumentException when the destination is a folder
     */
    AtomicFile(Path destination) throws IOException {
        if (Files.isDirectory(destination)) {
            throw new IllegalArgumentException("--output " + destination + " is a folder; name a file");
        }
        this.destination = destination.toAbsolutePath();
        Files.createDirectories(this.destination.getParent());
        String name =
                "." + destination.getFileName() + "." + ProcessHandle.current().pid() + ".partial";
        staging = this.destination.resolveSibling(name);
        staging.toFile().deleteOnExit(); // an interrupted command closes nothing
    }

    /** Where to write. */
    Path path() {
        return staging;
    }

    /** Moves what was written to the destination, replacing an older file there. */
    void publish() throws IOException {
        Files.move(staging, destination, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was written and not published. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(staging);
    }
}
