package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.tensor.DType;
import io.spikelet.job.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bundled INT8 model against the float32 checkpoint it was converted from. */
final class BundledModelTest extends SparkTest {
    @Test
    void itIsWhatConvertMakesOfTheCheckpoint() {
        Path fresh = convert(DType.INT8);
        assertThat(ManifestReader.read(fresh, Families.all())).isEqualTo(ManifestReader.read(model(), Families.all()));
        assertThat(fresh.resolve("weights.bin")).hasSameBinaryContentAs(model().resolve("weights.bin"));
    }

    @Test
    @Tag("cluster") // four runs over the corpus
    void int8LosesLessThanOnePercentOfPerplexity() {
        for (String protocol : List.of("document", "block")) {
            double int8 = perplexity(model(), protocol);
            double float32 = perplexity(convert(DType.FLOAT32), protocol);
            assertThat(int8).as(protocol).isCloseTo(float32, within(0.01 * float32));
            assertThat(int8).as("two different models").isNotEqualTo(float32);
        }
    }

    private double perplexity(Path model, String protocol) {
        Path output = folder.resolve(protocol + "-" + model.getFileName());
        Path corpus = projectRoot().resolve("datasets/corpus/corpus.jsonl");
        Invocation run = Invocation.of(
                "perplexity", "--model", model, "--input", corpus, "--protocol", protocol, "--output", output);
        assertThat(run.status()).as(run.err()).isZero();
        return table(output, "summary").where("level = 'micro'").head().getAs("perplexity");
    }

    private Path convert(DType weights) {
        Path trained = projectRoot().resolveSibling("shared").resolve("models/tiny");
        Assumptions.assumeTrue(Files.isDirectory(trained), "the float32 checkpoint is not at " + trained);
        Path output = folder.resolve(weights.label());
        if (!Files.exists(output)) {
            Converter.convert(
                    new Converter.Options(
                            trained.resolve("checkpoint.pt"),
                            output,
                            Optional.empty(),
                            Optional.of(trained.resolve("tokenizer.model")),
                            weights,
                            weights,
                            Optional.empty()),
                    Families.mappings(),
                    line -> {});
        }
        return output;
    }
}
