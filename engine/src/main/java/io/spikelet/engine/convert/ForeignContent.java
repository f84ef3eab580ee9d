package io.spikelet.engine.convert;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Types of files that are often found instead of a checkpoint, recognised by their first bytes. Stateless. */
final class ForeignContent {
    private static final int HEAD_BYTES = 512;

    private ForeignContent() {}

    /** Refuses a file of another type; the message names the type and the remedy. */
    static void refuse(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(HEAD_BYTES);
        }
        Optional<String> content = of(new String(head, StandardCharsets.ISO_8859_1));
        if (content.isPresent()) {
            throw new CheckpointFormatException("cannot read " + file + ": it is " + content.get());
        }
    }

    private static Optional<String> of(String head) {
        String text = head.stripLeading().toLowerCase(Locale.ROOT);
        if (head.isEmpty()) {
            return Optional.of("empty; copy it again");
        }
        if (head.startsWith("version https://git-lfs")) {
            return Optional.of("a git-LFS pointer, not the file itself; fetch that with git lfs pull, or download it");
        }
        if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<?xml")) {
            return Optional.of("an HTML page, not the file itself; the download went wrong: look at it in a browser");
        }
        if (head.startsWith("GGUF")) {
            return Optional.of("a GGUF file of llama.cpp; give the checkpoint that it was made from");
        }
        if (head.startsWith("\u001f\u008b")) {
            return Optional.of("compressed with gzip; unpack it first");
        }
        return Optional.empty();
    }
}
