package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;

/**
 * Entries of a local file system that Hadoop omits or treats as files: links, pipes, names that this JVM cannot
 * represent. Other file systems have none of these.
 *
 * @param input the input as it was given, for messages
 */
record LocalFiles(String input) {
    void requireRegular(Path file, String name) {
        if (isLocal(file) && !Files.isRegularFile(local(file))) {
            throw new UsageException("--input " + input + " has " + name
                    + ", which is no regular file (a pipe or a device); write what it gives to a file");
        }
    }

    void requireNoLoop(Path directory, Path child) throws IOException {
        if (isLocal(child)
                && local(directory).toRealPath().startsWith(local(child).toRealPath())) {
            throw new UsageException("--input " + input + " has the symbolic link " + local(child)
                    + ", which leads back to a folder above it; delete it");
        }
    }

    /**
     * A JVM whose locale is not UTF-8 can list names that it cannot open, and a link may lead nowhere: Hadoop leaves both
     * out.
     *
     * @param children that Hadoop found
     * @param names of those that are wanted
     */
    void requireListed(Path directory, FileStatus[] children, PathFilter names) throws IOException {
        if (!isLocal(directory) || !Files.isDirectory(local(directory))) {
            return;
        }
        Set<String> listed = new HashSet<>();
        Arrays.stream(children).forEach(child -> listed.add(child.getPath().getName()));
        try (DirectoryStream<java.nio.file.Path> entries = Files.newDirectoryStream(local(directory))) {
            for (java.nio.file.Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!names.accept(new Path(directory, "./" + name))) {
                    continue;
                }
                if (name.indexOf('\ufffd') >= 0 && !listed.contains(name)) {
                    throw new UsageException("--input " + input + " has a file whose name this JVM cannot represent ("
                            + name + " in a locale of "
                            + System.getProperty("sun.jnu.encoding").toLowerCase(Locale.ROOT)
                            + "); set LC_ALL=C.UTF-8");
                }
                requireTarget(entry);
            }
        }
    }

    private void requireTarget(java.nio.file.Path entry) {
        if (Files.isSymbolicLink(entry)
                && !Files.exists(entry)
                && !InputFiles.isHidden(entry.getFileName().toString())) {
            throw new UsageException("--input " + input + " has the symbolic link " + entry
                    + ", whose target does not exist; bring the target back or delete the link");
        }
    }

    static boolean isLocal(Path path) {
        return "file".equals(path.toUri().getScheme());
    }

    /** The same path for the JDK. */
    static java.nio.file.Path local(Path path) {
        return java.nio.file.Path.of(path.toUri().getPath());
    }
}
