package io.spikelet.job.executor;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BufferedFSInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files under {@code counted:} URIs: a line in a log for each file that is opened, and downloads that hang if asked. */
public final class CountedFileSystem extends RawLocalFileSystem {
    static final String SCHEME = "counted";

    /** Configuration key of the log. */
    static final String LOG = "counted.log";

    /** Configuration key: weights stop in the middle for good. */
    static final String HANGS = "counted.hangs";

    /** What the log says once a download hangs. */
    static final String HANGING = "hanging";

    static Configuration configuration(java.nio.file.Path log, boolean hangs) {
        Configuration configuration = new Configuration(false);
        configuration.set("fs." + SCHEME + ".impl", CountedFileSystem.class.getName());
        configuration.set("fs." + SCHEME + ".impl.disable.cache", "true");
        configuration.set(LOG, log.toString());
        configuration.setBoolean(HANGS, hangs);
        return configuration;
    }

    static URI uri(java.nio.file.Path directory) {
        return URI.create(SCHEME + "://" + directory.toUri().getPath());
    }

    @Override
    public URI getUri() {
        return URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
        log(file.getName());
        FSDataInputStream opened = super.open(file, bufferSize);
        boolean hangs = getConf().getBoolean(HANGS, false) && file.getName().equals("weights.bin");
        return hangs ? new FSDataInputStream(new Hanging(opened)) : opened;
    }

    private void log(String line) throws IOException {
        Files.writeString(
                java.nio.file.Path.of(getConf().get(LOG)),
                line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** Gives a few bytes, then none and no end. */
    private final class Hanging extends BufferedFSInputStream {
        private boolean started;

        private Hanging(FSDataInputStream opened) {
            super(new Opened(opened), 1024);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) throws IOException {
            if (!started) {
                started = true;
                return super.read(target, offset, Math.min(length, 1000));
            }
            log(HANGING);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return -1;
        }
    }

    /** The stream as Hadoop's buffer wants it. */
    private static final class Opened extends org.apache.hadoop.fs.FSInputStream {
        private final FSDataInputStream in;

        private Opened(FSDataInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public void seek(long position) throws IOException {
            in.seek(position);
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public boolean seekToNewSource(long position) {
            return false;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
