package io.spikelet.job.plan;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files under {@code conditional:} URIs that appear on closing, and only where there is none, as S3 does it. */
public final class ConditionalFileSystem extends RawLocalFileSystem {
    private static final String CONDITIONAL = CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE;

    private static Step beforeClose = () -> {};
    private static String neverDeleted;

    /** What another process does in between. */
    interface Step {
        void run() throws IOException;
    }

    static void beforeClose(Step step) {
        beforeClose = step;
    }

    /** The process is killed before it deletes a file or folder of this name; null to go on. */
    static void beforeDeleting(String name) {
        neverDeleted = name;
    }

    @Override
    public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
        if (path.getName().equals(neverDeleted)) {
            throw new IOException("killed");
        }
        return super.delete(path, recursive);
    }

    @Override
    public URI getUri() {
        return URI.create("conditional:///");
    }

    @Override
    public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability) throws IOException {
        return capability.equals(CONDITIONAL) || super.hasPathCapability(path, capability);
    }

    @Override
    public FSDataOutputStreamBuilder<FSDataOutputStream, Builder> createFile(org.apache.hadoop.fs.Path path) {
        return new Builder(path);
    }

    /** Of files that appear on closing. */
    public final class Builder extends FSDataOutputStreamBuilder<FSDataOutputStream, Builder> {
        private Builder(org.apache.hadoop.fs.Path path) {
            super(ConditionalFileSystem.this, path);
        }

        @Override
        public Builder getThisBuilder() {
            return this;
        }

        @Override
        public FSDataOutputStream build() throws IOException {
            if (!getMandatoryKeys().contains(CONDITIONAL)) {
                throw new IllegalArgumentException("the lock must ask for " + CONDITIONAL);
            }
            return new FSDataOutputStream(
                    new OnClosing(Path.of(getPath().toUri().getPath())), null);
        }
    }

    private static final class OnClosing extends ByteArrayOutputStream {
        private final Path file;
        private boolean closed;

        private OnClosing(Path file) {
            this.file = file;
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            beforeClose.run();
            try {
                Files.write(file, toByteArray(), StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException e) {
                throw new PathIOException(file.toString(), "412: precondition failed");
            }
        }
    }
}
