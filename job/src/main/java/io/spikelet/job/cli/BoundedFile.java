package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small files that a user names, which may turn out to be large, or to have no end. */
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
     * @throws CharacterCodingException if it is not UTF-8
     */
    static String text(Path file, int mostBytes, String option) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(read(file, mostBytes, option));
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }
}
