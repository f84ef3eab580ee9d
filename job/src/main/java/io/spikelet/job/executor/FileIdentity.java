package io.spikelet.job.executor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The identity of a file's content: device, inode, size and times. The system sets the change time itself, so bytes
 * cannot be altered under the same identity.
 */
record FileIdentity(String text) {
    private static final int MOST_BYTES = 1024;

    static FileIdentity of(Path file) throws IOException {
        boolean isUnix = FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
        Map<String, Object> attributes = Files.readAttributes(
                file,
                isUnix ? "unix:dev,ino,size,lastModifiedTime,ctime" : "fileKey,size,lastModifiedTime,creationTime",
                LinkOption.NOFOLLOW_LINKS);
        return new FileIdentity(new TreeMap<>(attributes).toString());
    }

    /** Whether the file behind a channel holds this and nothing else. */
    boolean isIn(FileChannel channel) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(MOST_BYTES);
        while (found.hasRemaining() && channel.read(found, found.position()) >= 0) {
            continue;
        }
        return text.equals(new String(found.array(), 0, found.position(), StandardCharsets.UTF_8));
    }

    void write(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes, bytes.position());
        }
        channel.truncate(bytes.position());
    }
}
