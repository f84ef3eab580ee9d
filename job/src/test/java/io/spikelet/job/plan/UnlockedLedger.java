package io.spikelet.job.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The ledger in a folder that no other process writes. */
public final class UnlockedLedger {
    private UnlockedLedger() {}

    public static Ledger in(String folder) {
        try {
            Path path = new Path(folder);
            return new Ledger(path.getFileSystem(new Configuration()), path, () -> {});
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + folder, e);
        }
    }
}
