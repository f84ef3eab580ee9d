package io.spikelet.job.cli;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Logits of every position of one sequence, as the engine computes them; the way to compare with another program. */
@Command(
        name = "logits",
        description = "Writes the logits of every position of one token sequence as a NumPy array.",
        footer = {
            "",
            "Example:",
            "  echo '[1, 300, 301]' > ids.json",
            "  spikelet logits --model datasets/models/tiny --token-ids ids.json --output logits.npy",
        })
final class LogitsCommand implements Callable<Integer> {
    /** Positions advanced at once: enough to read each weight rarely, little enough that their logits fit anywhere. */
    private static final int COLUMNS = 16;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(
            names = "--token-ids",
            required = true,
            paramLabel = "FILE",
            description = "JSON array of token ids; BOS is not added.")
    private Path tokenIds;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "NumPy file to write: float32 [ids, vocab]. An existing file is replaced.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        try (SpikingModel spiking = SpikingModel.open(model, Families.all())) {
            int vocabSize = spiking.config().vocabSize();
            int[] ids = JsonArray.tokenIds(tokenIds, vocabSize);
            int columns = columns(spiking.config(), ids.length);
            try (AtomicFile staged = new AtomicFile(output)) {
                try (NpyWriter npy = new NpyWriter(staged.path(), ids.length, vocabSize);
                        Decoder decoder = new Decoder(spiking, columns)) {
                    write(ids, decoder, npy);
                }
                staged.publish();
            }
        }
        return ExitStatus.DONE;
    }

    /** An entropy exit is decided by the last position, so that all of them stand in one pass. */
    private int columns(FamilyConfig config, int ids) {
        if (config.exitEntropy().isEmpty()) {
            return Math.min(COLUMNS, ids);
        }
        if (ids > config.contextLength()) {
            throw new UsageException("--token-ids " + tokenIds + " has " + ids
                    + " ids; a model that may exit early takes at most its context, " + config.contextLength());
        }
        return ids;
    }

    private static void write(int[] ids, Decoder decoder, NpyWriter npy) throws IOException {
        DecoderState state = decoder.allocate(ids.length);
        for (int from = 0; from < ids.length; from += decoder.maxColumns()) {
            int columns = Math.min(decoder.maxColumns(), ids.length - from);
            decoder.clear();
            for (int i = 0; i < columns; i++) {
                decoder.add(state, ids[from + i], true);
            }
            if (decoder.model().config().exitEntropy().isPresent()) {
                decoder.runUntilConfident();
            } else {
                decoder.run();
            }
            for (int column = 0; column < columns; column++) {
                npy.row(decoder.logits(), decoder.logitsOffset(column));
            }
        }
        decoder.release(state);
    }
}
