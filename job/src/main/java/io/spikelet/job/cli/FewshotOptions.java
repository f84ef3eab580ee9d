package io.spikelet.job.cli;

import io.spikelet.job.action.Fewshot;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The examples before each item of a multiple choice. */
final class FewshotOptions {
    @Option(
            names = "--num-fewshot",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Examples with their answers before each item, the same for all items; default ${DEFAULT-VALUE}.")
    private int number;

    @Option(
            names = "--fewshot-seed",
            paramLabel = "N",
            defaultValue = "" + Fewshot.DEFAULT_SEED,
            description = "Seed of the draw of examples; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--fewshot-split",
            paramLabel = "FILE",
            description = "Items to draw the examples from, in the format of --input but not from it; default the file "
                    + "that the task names as fewshot_split, in the folder of --input.")
    private String split;

    Fewshot fewshot() {
        return new Fewshot(number, seed, Optional.ofNullable(split));
    }
}
