package io.spikelet.job.task;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.score.ProgressStore;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.ProgressFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of the long documents of a run in its folder, for the process that resumes it. A name holds the program's version,
 * the model and its settings, because a run without finished rows may be resumed with others.
 */
final class RunProgress implements ProgressStore {
    private static final Logger LOG = LoggerFactory.getLogger(RunProgress.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final ProgressFiles files;
    private final String work;
    private boolean fails;

    RunProgress(ProgressFiles files, ModelHandle model) {
        this.files = files;
        ModelSettings settings = model.settings();
        this.work = String.join(
                "\n",
                String.valueOf(RunProgress.class.getPackage().getImplementationVersion()),
                model.manifestSha256(),
                Ablation.labels(settings.ablations()),
                String.valueOf(settings.keyValueCache()));
    }

    @Override
    public Duration interval() {
        return INTERVAL;
    }

    @Override
    public Optional<byte[]> find(String rowId) {
        return files.find(name(rowId));
    }

    /** A folder that cannot be written costs the progress alone; it is not tried again. */
    @Override
    public void keep(String rowId, byte[] progress) {
        if (fails) {
            return;
        }
        try {
            files.keep(name(rowId), progress);
        } catch (IOException | RuntimeException e) {
            fails = true;
            LOG.warn("the progress of long documents is not kept", e);
        }
    }

    @Override
    public void drop(String rowId) {
        try {
            files.drop(name(rowId));
        } catch (IOException e) {
            fails = true; // it is deleted with the folder
        }
    }

    private String name(String rowId) {
        return Sha256.hex((work + "\n" + rowId).getBytes(StandardCharsets.UTF_8));
    }
}
