package io.spikelet.engine.convert;

import io.spikelet.engine.model.ManifestWriter;
import io.spikelet.engine.model.ModelManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A model directory that appears complete or not at all: it is written next to its final path, synced to disk, and
 * moved there in one step.
 */
final class ModelOutput {
    /** Writes the files of a directory except the manifest. */
    @FunctionalInterface
    interface Content {
        ModelManifest write(Path directory) throws IOException;
    }

    private ModelOutput() {}

    /**
     * Refuses an output that exists.
     *
     * @throws IllegalArgumentException if it does
     */
    static void requireAbsent(Path output) {
        if (Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalArgumentException(
                    "the output " + output + " exists; choose another --output or remove it first");
        }
    }

    /** Creates {@code output}; a failure leaves no files behind. */
    static ModelManifest create(Path output, Content content) {
        requireAbsent(output);
        Path target = output.toAbsolutePath().normalize();
        Path parent = target.getParent();
        if (parent == null || target.getFileName() == null) {
            throw new IllegalArgumentException("the output " + output + " is no directory that can be created");
        }
        Path partial = parent.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".partial");
        try {
            Files.createDirectories(parent);
            Files.createDirectory(partial);
            try {
                ModelManifest manifest = content.write(partial);
                Files.write(partial.resolve(ModelManifest.FILE), ManifestWriter.write(manifest));
                sync(partial);
                requireAbsent(output);
                Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
                syncDirectory(parent);
                return manifest;
            } finally {
                deleteTree(partial);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + output + ": " + e.getMessage(), e);
        }
    }

    private static void sync(Path directory) throws IOException {
        for (Path file : files(directory)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        syncDirectory(directory);
    }

    private static void syncDirectory(Path directory) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (FileSystemException e) {
            // Some systems cannot open directories; the files themselves are durable already.
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        if (Files.exists(directory)) {
            for (Path file : files(directory)) {
                Files.delete(file);
            }
            Files.delete(directory);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
