package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** Small JSON files that are complete or absent, and moves that never replace other files. */
public final class LedgerFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LedgerFiles() {}

    /**
     * Writes a temporary file and moves it over an existing one, so that one of the two exists at any time; where a store
     * cannot replace a file in one step, {@link #partial} is complete in between. Hadoop keeps the checksum of a local file in
     * a second file, which cannot be replaced in the same step: these files have none.
     */
    public static void replace(FileSystem files, Path file, Object value) throws IOException {
        Path partial = partial(file);
        FileSystem plain = files;
        if (files instanceof ChecksumFileSystem local) {
            plain = local.getRawFileSystem();
            plain.delete(local.getChecksumFile(partial), false);
            plain.delete(local.getChecksumFile(file), false);
        }
        try (OutputStream out = plain.create(partial, true)) {
            JSON.writeValue(out, value);
        }
        if (plain instanceof RawLocalFileSystem local) { // Hadoop would delete the old file first
            Files.move(
                    local.pathToFile(partial).toPath(),
                    local.pathToFile(file).toPath(),
                    StandardCopyOption.ATOMIC_MOVE);
        } else {
            move(files, partial, file, Rename.OVERWRITE);
        }
    }

    /** Where the successor of a file is written; complete if the file is there no more. */
    static Path partial(Path file) {
        return new Path(file.getParent(), "." + file.getName() + ".partial");
    }

    /** Moves a file or folder to a path that must not exist. */
    static void moveToNew(FileSystem files, Path from, Path to) throws IOException {
        move(files, from, to, Rename.NONE);
    }

    public static <T> T read(FileSystem files, Path file, Class<T> type) throws IOException {
        try (InputStream in = files.open(file)) {
            T value = JSON.readValue(in, type);
            if (value == null) {
                throw new IOException(file + " holds null");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        }
    }

    private static void move(FileSystem files, Path from, Path to, Rename how) throws IOException {
        Configuration configuration = files.getConf();
        try {
            FileContext.getFileContext(from.toUri(), configuration).rename(from, to, how);
        } catch (UnsupportedFileSystemException e) { // a file system with the older interface alone
            if (how == Rename.NONE && files.exists(to)) {
                throw new IOException(to + " exists", e);
            }
            if (how == Rename.OVERWRITE) {
                files.delete(to, false);
            }
            if (!files.rename(from, to)) {
                throw new IOException("cannot move " + from + " to " + to, e);
            }
        }
    }
}
