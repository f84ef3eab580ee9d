package io.spikelet.job.action;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * How fast a perplexity run is beside the engine alone, which reads the same documents as prompts with logits at every
 * position: both on one core, in turn, in this process. A task's time counts from its start to its last written row.
 */
public final class ScoringBenchmark {
    private static final int COLUMNS = PerplexityOptions.DEFAULT_BATCH_SIZE;
    private static final long SEED = 7;

    private final Path model;
    private final int documents;
    private final int documentTokens;
    private final Consumer<String> progress;

    /**
     * Tokens per second.
     *
     * @param engine prefill with logits of all positions
     * @param job tasks of a perplexity run
     * @param jobWithTokens the same with --emit-tokens
     */
    public record Figures(long tokens, double engine, double job, double jobWithTokens) {}

    /** @param documentTokens about so many each */
    public ScoringBenchmark(Path model, int documents, int documentTokens, Consumer<String> progress) {
        if (documents < 1 || documentTokens < 2) {
            throw new UsageException("--documents is " + documents + " and --document-tokens " + documentTokens
                    + "; they must be at least 1 and 2");
        }
        this.model = model;
        this.documents = documents;
        this.documentTokens = documentTokens;
        this.progress = progress;
    }

    /** Measures; the engine three times, a run of each kind between them. */
    public Figures execute(SparkSession spark) throws IOException {
        Path folder = Files.createTempDirectory("spikelet-bench-");
        try (SpikingModel opened = SpikingModel.open(model)) {
            Tokenizer tokenizer = opened.tokenizer()
                    .orElseThrow(
                            () -> new UsageException("the model " + model + " has no tokenizer, which text needs"));
            List<String> texts = texts(tokenizer);
            Path input = write(folder.resolve("documents.jsonl"), texts);
            List<int[]> prompts = texts.stream()
                    .map(text -> BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(text)))
                    .toList();
            // The last token of a document is a target only.
            long tokens = prompts.stream().mapToLong(ids -> ids.length - 1).sum();
            try (Decoder decoder = new Decoder(opened, COLUMNS)) {
                engineSeconds(decoder, prompts.subList(0, 1), "warms up");
                double before = engineSeconds(decoder, prompts, "engine");
                double plain = jobSeconds(spark, input, folder.resolve("plain"), false);
                double between = engineSeconds(decoder, prompts, "engine");
                double withTokens = jobSeconds(spark, input, folder.resolve("tokens"), true);
                double after = engineSeconds(decoder, prompts, "engine");
                double engine = tokens / ((before + between + after) / 3);
                return new Figures(tokens, engine, tokens / plain, tokens / withTokens);
            }
        } finally {
            delete(folder);
        }
    }

    private double engineSeconds(Decoder decoder, List<int[]> prompts, String what) {
        long start = System.nanoTime();
        for (int[] ids : prompts) {
            DecoderState state = decoder.allocate(ids.length);
            for (int done = 0; done < ids.length - 1; done += COLUMNS) {
                decoder.clear();
                for (int i = done; i < Math.min(done + COLUMNS, ids.length - 1); i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
            }
            decoder.release(state);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.accept(String.format(Locale.ROOT, "%s: %.2f s", what, seconds));
        return seconds;
    }

    private double jobSeconds(SparkSession spark, Path input, Path output, boolean emitTokens) {
        RunRequest request = new RunRequest(
                "perplexity",
                ModelLocation.of(model),
                new InputSpec(
                        input.toString(), Optional.empty(), "text", Optional.empty(), List.of(), OptionalLong.empty()),
                output.toString(),
                OptionalInt.of(1),
                Durability.NEW,
                RowLimits.NONE,
                line -> {});
        PerplexityOptions options = new PerplexityOptions(
                List.of("stream"),
                OptionalInt.empty(),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                List.of(),
                Confidence.DEFAULT,
                COLUMNS,
                emitTokens);
        new PerplexityAction(request, options).execute(spark);
        double seconds = spark.read()
                .parquet(output.resolve("runs").toString())
                .selectExpr("aggregate(partition_costs, 0D, (s, p) -> s + p.seconds)")
                .head()
                .getDouble(0);
        progress.accept(String.format(Locale.ROOT, "job%s: %.2f s", emitTokens ? " --emit-tokens" : "", seconds));
        return seconds;
    }

    /** Words of the vocabulary at random. */
    private List<String> texts(Tokenizer tokenizer) {
        Random random = new Random(SEED);
        List<String> words = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            String word = tokenizer.decode(new int[] {id}).strip();
            if (!word.isEmpty() && word.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
                words.add(word);
            }
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < documents; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < documentTokens; word++) {
                text.append(words.isEmpty() ? "a" : words.get(random.nextInt(words.size())))
                        .append(' ');
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private static Path write(Path file, List<String> texts) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (String text : texts) {
            lines.add(json.writeValueAsString(Map.of("id", "document-" + lines.size(), "text", text)));
        }
        return Files.write(file, lines);
    }

    private static void delete(Path folder) throws IOException {
        List<Path> paths;
        try (var walk = Files.walk(folder)) {
            paths = walk.toList();
        }
        for (Path path : paths.reversed()) {
            try {
                Files.delete(path);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + path, e);
            }
        }
    }
}
