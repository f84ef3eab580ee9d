package io.spikelet.job.executor;

import java.nio.file.Path;

/**
 * A model directory on this machine that stays there until this is closed, once.
 *
 * @param downloaded whether it was downloaded now
 */
record StagedModel(Path directory, boolean downloaded, Runnable release) implements AutoCloseable {
    /** A directory that needs no lock. */
    static StagedModel local(Path directory) {
        return new StagedModel(directory, false, () -> {});
    }

    @Override
    public void close() {
        release.run();
    }
}
