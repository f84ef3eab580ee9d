package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checks of paths of this machine that need no Spark session, so that a mistake is reported at once. Paths of other file
 * systems are left to {@link InputReader} and {@link OutputDirectory}, which check everything again.
 *
 * @param configuration of Hadoop, as the session will have it
 */
public record LocalChecks(Configuration configuration) {
    public LocalChecks {
        configuration = new Configuration(configuration);
        configuration.setBoolean("fs.file.impl.disable.cache", true); // the session's own instance has its settings
    }

    /** @throws UsageException if the input is missing, of no readable kind, or not readable by this user */
    public void requireInput(InputSpec spec) {
        if (!isLocal(spec.path())) {
            return;
        }
        InputFiles input = InputFiles.find(spec.path(), configuration);
        if (spec.format().isEmpty()) {
            input.format();
        }
        for (InputFiles.InputFile file : input.files()) {
            if (!Files.isReadable(LocalFiles.local(file.path()))) {
                throw new UsageException("cannot read --input " + spec.path() + ": this user may not read "
                        + LocalFiles.local(file.path()) + "; change its permissions");
            }
        }
    }

    /**
     * @param resume whether the output may exist
     * @throws UsageException if the output exists, or if this user cannot create it
     */
    public void requireOutput(String output, boolean resume) {
        if (!isLocal(output)) {
            return;
        }
        java.nio.file.Path target = LocalFiles.local(LiteralPath.of(output)).toAbsolutePath();
        OutputPathCheck.requireNoDanglingLink(new Path(target.toUri()));
        if (Files.exists(target) && !resume) {
            throw OutputDirectory.exists(target.toString());
        }
        java.nio.file.Path above = target.getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above != null && !Files.isDirectory(above)) {
            throw new UsageException(
                    "cannot create --output " + output + ": " + above + " is a file; name a path below a directory");
        }
        if (above != null && !Files.isWritable(above)) {
            throw new UsageException("cannot create --output " + output
                    + (isReadOnly(above)
                            ? ": " + above + " is on a read-only file system; name another directory"
                            : ": this user may not write in " + above
                                    + "; change its permissions, or name another directory"));
        }
    }

    private static boolean isReadOnly(java.nio.file.Path path) {
        try {
            return Files.getFileStore(path).isReadOnly();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isLocal(String path) {
        return Optional.ofNullable(LiteralPath.of(path).toUri().getScheme())
                .orElse(FileSystem.getDefaultUri(configuration).getScheme())
                .equals("file");
    }
}
