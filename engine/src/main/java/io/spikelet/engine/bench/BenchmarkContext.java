package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.ModelFamilies;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.SpikingModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the figures of one run share: the model, the machine, the stopwatch, and the notes of the report. */
final class BenchmarkContext {
    /** Positions of a prompt in one pass; they fill the widest tiles of the dense kernels. */
    static final int BLOCK = 48;

    /** Seed of the token ids; every run measures the same tokens. */
    static final long SEED = 1;

    final SpikingModel model;
    final ModelFamilies families;
    final BenchmarkOptions options;
    final Machine machine;
    final Stopwatch stopwatch;
    final Crew alone = new Crew(1);
    final int vocabulary;
    final CostModel costs;
    final boolean integers; // whether the dense products multiply integers
    private final Consumer<String> progress;
    private final List<String> notes = new ArrayList<>();

    BenchmarkContext(
            SpikingModel model,
            ModelFamilies families,
            BenchmarkOptions options,
            Machine machine,
            Consumer<String> progress) {
        this.model = model;
        this.families = families;
        this.options = options;
        this.machine = machine;
        this.stopwatch = new Stopwatch(machine, options.seconds());
        this.vocabulary =
                model.manifest().tokenizerVocabulary().orElse(model.config().vocabSize());
        this.costs = model.config().costs(model.manifest(), vocabulary);
        this.integers = Scheme.of(model.manifest()) == Scheme.W8A8;
        this.progress = progress;
    }

    /** A decoder with the logits that a job would compute: those of the tokenizer's vocabulary. */
    Decoder decoder(int maxColumns) {
        return new Decoder(model, maxColumns, vocabulary);
    }

    void progress(String line) {
        progress.accept(line);
    }

    /** Adds a note that the reader of the figures needs. */
    void note(String line) {
        notes.add(line);
    }

    List<String> notes() {
        return notes;
    }
}
