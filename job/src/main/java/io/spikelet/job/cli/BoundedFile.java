package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads small files that a user names, up to a maximum size: the path may be that of a large file or of a device. */
final class BoundedFile {
    private BoundedFile() {}

    /**
     * The bytes of a file.
     *
     * @param option names the file in messages
     * @throws UsageException if it has more bytes; no more of it has been read then
     */
    static byte[] read(Path file, int mostBytes, String option) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new UsageException(option + " " + file + " has more than " + mostBytes + " bytes");
            }
            return bytes;
        }
    }

    /**
     * The text of a file.
     *
     * @throws UsageException if it has more bytes, is not UTF-8 or cannot be read
     */
    static String text(Path file, int mostBytes, String option) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(read(file, mostBytes, option));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new UsageException(option + " " + file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new UsageException("cannot read " + option + " " + file + ": " + e.getMessage(), e);
        }
    }
}
