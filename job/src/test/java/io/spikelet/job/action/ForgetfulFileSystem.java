package io.spikelet.job.action;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files under {@code forgetful:} URIs, of which the first in a folder of some name is never listed. */
public final class ForgetfulFileSystem extends RawLocalFileSystem {
    /** A part of a table, or an entry of the ledger. */
    private static final Pattern FIRST = Pattern.compile("(part-)?00000");

    private static volatile String forgets = "";

    /** The name of the folder. */
    static void forget(String folder) {
        forgets = folder;
    }

    @Override
    public URI getUri() {
        return URI.create("forgetful:///");
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        return Arrays.stream(super.listStatus(folder))
                .filter(file -> !file.getPath().getParent().getName().equals(forgets)
                        || !FIRST.matcher(file.getPath().getName()).lookingAt())
                .toArray(FileStatus[]::new);
    }
}
