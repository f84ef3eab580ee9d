package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Refuses output paths that would damage existing data, resolving links. */
final class OutputPathCheck {
    private OutputPathCheck() {}

    static void requireNoDanglingLink(Path target) {
        if (LocalFiles.isLocal(target)) {
            java.nio.file.Path path = LocalFiles.local(target);
            if (Files.isSymbolicLink(path) && !Files.exists(path)) {
                throw new UsageException(
                        "--output " + path + " is a link to nothing; delete it, or name the directory itself");
            }
        }
    }

    static void requireApart(String output, Path target, String input, Configuration configuration) throws IOException {
        Path pattern = LiteralPath.of(input);
        FileSystem files = pattern.getFileSystem(configuration);
        FileStatus[] matches =
                files.exists(pattern) ? new FileStatus[] {files.getFileStatus(pattern)} : files.globStatus(pattern);
        Path real = real(target);
        for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
            Path source = real(files.makeQualified(match.getPath()));
            if (isWithin(real, source)) {
                throw new UsageException("--output " + output + " lies inside --input " + input
                        + ", so that the results would be read as input; name a directory outside of it");
            }
            if (isWithin(source, real)) {
                throw new UsageException("--input " + input + " lies inside --output " + output
                        + ", which a run replaces as a whole; name another directory");
            }
        }
    }

    /** Without links, as far as the path exists. */
    private static Path real(Path path) throws IOException {
        if (!LocalFiles.isLocal(path)) {
            return path;
        }
        java.nio.file.Path whole = LocalFiles.local(path);
        java.nio.file.Path present = whole;
        while (present != null && !Files.exists(present)) {
            present = present.getParent();
        }
        return present == null
                ? path
                : new Path(
                        present.toRealPath().resolve(present.relativize(whole)).toUri());
    }

    private static boolean isWithin(Path inner, Path outer) {
        String below = outer.toUri().getPath().replaceAll("/+$", "") + "/";
        return (inner.toUri().getPath().replaceAll("/+$", "") + "/").startsWith(below)
                && String.valueOf(inner.toUri().getAuthority())
                        .equals(String.valueOf(outer.toUri().getAuthority()))
                && inner.toUri().getScheme().equals(outer.toUri().getScheme());
    }
}
