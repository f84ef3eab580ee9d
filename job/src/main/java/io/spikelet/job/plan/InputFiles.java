package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The files behind an input path, looked at before any job starts. */
final class InputFiles {
    /** Files looked at in one directory to tell its format; a directory with more is taken to be uniform. */
    private static final int MOST_FILES = 10_000;

    private InputFiles() {}

    /**
     * Names of the files that a path stands for, relative to what was matched.
     *
     * @throws UsageException if there is nothing to read or Spark would overlook a part of it
     */
    static List<String> names(String input, Configuration configuration) {
        try {
            Path path = new Path(input);
            FileSystem files = path.getFileSystem(configuration);
            FileStatus[] matches = files.globStatus(path);
            if (matches == null || matches.length == 0) {
                throw new UsageException("--input " + input + " does not exist; give a file, a directory or a glob");
            }
            List<String> names = new ArrayList<>();
            for (FileStatus match : matches) {
                if (match.isFile()) {
                    names.add(match.getPath().getName());
                } else {
                    addDirectory(names, files, match.getPath(), input);
                }
            }
            if (names.isEmpty()) {
                throw new UsageException("--input " + input + " holds no files");
            }
            return names;
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("cannot read --input " + input + ": " + e.getMessage(), e);
        }
    }

    private static void addDirectory(List<String> names, FileSystem files, Path directory, String input)
            throws IOException {
        String root = directory.toUri().getPath();
        RemoteIterator<LocatedFileStatus> children = files.listFiles(directory, true);
        for (int seen = 0; seen < MOST_FILES && children.hasNext(); seen++) {
            String relative = children.next().getPath().toUri().getPath().substring(root.length() + 1);
            String[] parts = relative.split("/", -1);
            if (isHidden(parts)) {
                continue;
            }
            for (int i = 0; i < parts.length - 1; i++) {
                if (parts[i].indexOf('=') < 1) {
                    throw new UsageException("--input " + input + " has the subdirectory " + parts[i]
                            + ", which is no column=value partition and would not be read; pass a glob such as "
                            + input + "/*");
                }
            }
            names.add(relative);
        }
    }

    /** Spark skips these too. */
    private static boolean isHidden(String[] parts) {
        for (String part : parts) {
            if (part.startsWith(".") || (part.startsWith("_") && part.indexOf('=') < 0)) {
                return true;
            }
        }
        return false;
    }
}
