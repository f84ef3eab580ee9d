package io.spikelet.engine.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A temporary folder for weights that only a benchmark needs; closing it deletes it. */
record ScratchFolder(Path path) implements AutoCloseable {
    static ScratchFolder create(String prefix) {
        try {
            return new ScratchFolder(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for weights: " + e.getMessage(), e);
        }
    }

    /** Why {@code bytes} of weights cannot be written here and mapped, if they cannot. */
    Optional<String> obstacle(long bytes) {
        long disk;
        try {
            disk = Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the free space of " + path + ": " + e.getMessage(), e);
        }
        if (disk < bytes + bytes / 10) {
            return Optional.of("they take %.1f GB in %s, which has %.1f GB left; set -Djava.io.tmpdir to another folder"
                    .formatted(bytes / 1e9, path.getParent(), disk / 1e9));
        }
        long memory = ProcessMemory.availableBytes().orElse(Long.MAX_VALUE);
        if (memory < bytes + bytes / 10) {
            return Optional.of("they take %.1f GB of the page cache, and %.1f GB of memory are available"
                    .formatted(bytes / 1e9, memory / 1e9));
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        try {
            List<Path> paths;
            try (Stream<Path> tree = Files.walk(path)) {
                paths = tree.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : paths) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path + ": " + e.getMessage(), e);
        }
    }
}
