package io.spikelet.job.task;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.score.ProgressStore;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.LedgerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of the long documents of a run, a file each, for the process that resumes it. A name holds the program's version,
 * the model and its settings, because a run without finished rows may be resumed with others.
 */
final class RunProgress implements ProgressStore {
    private static final Logger LOG = LoggerFactory.getLogger(RunProgress.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Path folder;
    private final Configuration configuration;
    private final String work;
    private boolean fails;

    RunProgress(String folder, Configuration configuration, ModelHandle model) {
        this.folder = new Path(folder);
        this.configuration = configuration;
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

    /** A file that cannot be read is none. */
    @Override
    public Optional<byte[]> find(String rowId) {
        try {
            return Optional.of(LedgerFiles.read(files(), file(rowId), byte[].class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A folder that cannot be written costs the progress alone; it is not tried again. */
    @Override
    public void keep(String rowId, byte[] progress) {
        if (fails) {
            return;
        }
        try {
            LedgerFiles.replace(files(), file(rowId), progress);
        } catch (IOException | RuntimeException e) {
            fails = true;
            LOG.warn("the progress of long documents is not kept", e);
        }
    }

    @Override
    public void drop(String rowId) {
        try {
            files().delete(file(rowId), false);
        } catch (IOException e) {
            fails = true; // it is deleted with the folder
        }
    }

    private Path file(String rowId) {
        return new Path(folder, Sha256.hex((work + "\n" + rowId).getBytes(StandardCharsets.UTF_8)));
    }

    private FileSystem files() throws IOException {
        return folder.getFileSystem(configuration);
    }
}
