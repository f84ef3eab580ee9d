package io.spikelet.job.executor;

import java.nio.file.Path;

/**
 * A model directory on this machine that stays there until this is closed; closing twice has no effect. Not
 * thread-safe.
 */
final class StagedModel implements AutoCloseable {
    private final Path directory;
    private final boolean downloaded;
    private Runnable release;

    StagedModel(Path directory, boolean downloaded, Runnable release) {
        this.directory = directory;
        this.downloaded = downloaded;
        this.release = release;
    }

    /** A directory that needs no lock. */
    static StagedModel local(Path directory) {
        return new StagedModel(directory, false, () -> {});
    }

    Path directory() {
        return directory;
    }

    /** Whether it was downloaded now. */
    boolean downloaded() {
        return downloaded;
    }

    @Override
    public void close() {
        Runnable once = release;
        release = () -> {};
        once.run();
    }
}
