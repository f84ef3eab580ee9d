package io.spikelet.job.plan;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output of one run: tables are written to a hidden directory beside it and moved into place together, so that the
 * output appears whole or not at all. Closing without {@link #publish} deletes what was written. Not thread-safe.
 */
public final class OutputDirectory implements AutoCloseable {
    private final FileSystem files;
    private final Path target;
    private final Path staging;
    private boolean published;

    private OutputDirectory(FileSystem files, Path target, Path staging) {
        this.files = files;
        this.target = target;
        this.staging = staging;
    }

    /**
     * Reserves an output directory.
     *
     * @param runId tells the staging directories of concurrent runs apart
     * @throws UsageException if it exists or cannot be created
     */
    public static OutputDirectory reserve(String output, String runId, Configuration configuration) {
        try {
            Path path = new Path(output);
            FileSystem files = path.getFileSystem(configuration);
            Path target = files.makeQualified(path);
            Path staging = new Path(target.getParent(), "." + target.getName() + "-" + runId);
            OutputDirectory directory = new OutputDirectory(files, target, staging);
            directory.requireAbsent();
            if (!files.mkdirs(staging)) {
                throw new UsageException("cannot create --output " + output + ": no directory can be made beside it");
            }
            files.deleteOnExit(staging); // an interrupted JVM closes nothing
            return directory;
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("cannot create --output " + output + ": " + e.getMessage(), e);
        }
    }

    /** Where a table is written, and read back, until it is published. */
    public String table(String name) {
        return new Path(staging, name).toString();
    }

    /** The directory that appears in the end. */
    public String target() {
        return target.toString();
    }

    /** Deletes a table that was written only on the way to others. */
    public void discard(String name) {
        try {
            files.delete(new Path(staging, name), true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + table(name), e);
        }
    }

    /**
     * Moves everything into place.
     *
     * @throws RunFailedException if the directory has appeared meanwhile or cannot be moved
     */
    public void publish() {
        try {
            requireAbsent();
            if (!files.rename(staging, target)) {
                throw new RunFailedException("cannot move the finished output to " + target);
            }
            published = true;
        } catch (IOException | UsageException e) {
            throw new RunFailedException("cannot move the finished output to " + target + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        files.cancelDeleteOnExit(staging);
        if (!published) {
            try {
                files.delete(staging, true);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + staging, e);
            }
        }
    }

    private void requireAbsent() throws IOException {
        if (files.exists(target)) {
            throw new UsageException("--output " + target.toUri().getPath()
                    + " exists and is not overwritten; name another or delete it");
        }
    }
}
