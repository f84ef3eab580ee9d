package io.spikelet.job.plan;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The progress of rows that take long, a file each, in one folder. A file that cannot be read is none. Not thread-safe. */
public final class ProgressFiles {
    private final Path folder;
    private final Configuration configuration;

    public ProgressFiles(String folder, Configuration configuration) {
        this.folder = new Path(folder);
        this.configuration = configuration;
    }

    /** What was kept last under a name. */
    public Optional<byte[]> find(String name) {
        try {
            return Optional.of(LedgerFiles.read(files(), new Path(folder, name), byte[].class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Replaces what is kept under a name. */
    public void keep(String name, byte[] progress) throws IOException {
        LedgerFiles.replace(files(), new Path(folder, name), progress);
    }

    /** Deletes what is kept under a name. */
    public void drop(String name) throws IOException {
        files().delete(new Path(folder, name), false);
    }

    private FileSystem files() throws IOException {
        return folder.getFileSystem(configuration);
    }
}
