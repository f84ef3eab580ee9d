package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.engine.bench.Spread;
import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.GenerationSettings;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * The overhead of a Spark job: the same rows processed by the engine alone and by the tasks of a job, in turns and in
 * one JVM. A task's time is all of it, from its start to its last row written; Spark's own start, the plan and the
 * commits are in the time of the whole run only.
 *
 * @param model a directory with a tokenizer
 */
public record SparkOverheadBenchmark(Path model, Size size, Consumer<String> progress) {
    private static final long SEED = 1;
    private static final int PROMPT_TOKENS = 24;
    private static final String LINES = "text";

    /**
     * How much is done for one figure.
     *
     * @param prompts rows to complete
     * @param newTokens most tokens of a completion
     * @param documents rows to score
     * @param documentTokens about so many tokens each
     * @param repetitions of engine and job in turns
     */
    public record Size(int prompts, int newTokens, int documents, int documentTokens, int repetitions) {
        /** A few minutes for each figure on a model of 0.8B. */
        public static final Size STANDARD = new Size(48, 32, 12, 256, 3);

        /** A first impression. */
        public static final Size QUICK = new Size(32, 8, 4, 128, 1);
    }

    /**
     * One kind of work; rates are tokens per second.
     *
     * @param engine by the engine alone
     * @param job by the tasks of a job
     * @param share the job's rate over the engine's just before it
     * @param runSeconds of the whole job, all included
     */
    public record Figure(String work, Spread engine, Spread job, Spread share, Spread runSeconds) {}

    private record Turn(double engine, double job, double runSeconds) {}

    /**
     * Measures generation, then scoring without and with a row per token.
     *
     * @throws UsageException if the model has no tokenizer
     */
    public List<Figure> measure(SparkSession spark) throws IOException {
        Path folder = Files.createTempDirectory("spikelet-bench");
        try (SpikingModel opened = SpikingModel.open(model, Families.all())) {
            Tokenizer tokenizer = opened.tokenizer()
                    .orElseThrow(() -> new UsageException(model + " has no tokenizer, and a job reads text: convert or"
                            + " synthesize the model with --tokenizer"));
            List<String> prompts = texts(tokenizer, size.prompts(), PROMPT_TOKENS);
            List<String> documents = texts(tokenizer, size.documents(), size.documentTokens());
            Path promptFile = Files.write(folder.resolve("prompts.txt"), prompts);
            Path documentFile = Files.write(folder.resolve("documents.txt"), documents);
            return List.of(
                    figure(
                            spark,
                            "generate",
                            () -> complete(opened, tokenizer, prompts),
                            output -> new JobRunner(
                                    arguments("generate", promptFile, output), new GenerateJob(generation())),
                            folder),
                    figure(
                            spark,
                            "perplexity",
                            () -> score(opened, tokenizer, documents),
                            output -> scoring(documentFile, output, false),
                            folder),
                    figure(
                            spark,
                            "perplexity --emit-tokens",
                            () -> score(opened, tokenizer, documents),
                            output -> scoring(documentFile, output, true),
                            folder));
        } finally {
            FileUtils.deleteDirectory(folder.toFile());
        }
    }

    /** @param engine does the work and returns the positions that it ran */
    private Figure figure(
            SparkSession spark, String work, LongSupplier engine, Function<Path, JobRunner> job, Path folder) {
        // the first time is for the compiler
        progress.accept("%s: %d tokens at a time".formatted(work, engine.getAsLong()));
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < size.repetitions(); i++) {
            long start = System.nanoTime();
            long tokens = engine.getAsLong();
            double engineRate = tokens * 1e9 / (System.nanoTime() - start);
            RunResult result =
                    job.apply(folder.resolve(work.replace(' ', '-') + i)).execute(spark);
            if (result.failedRows() > 0) {
                throw new IllegalStateException(work + ": rows failed, " + result.errors());
            }
            double jobRate = tokens / taskSeconds(spark, result);
            turns.add(new Turn(engineRate, jobRate, result.wallSeconds()));
            progress.accept("%s: engine %.1f tokens/s, job %.1f".formatted(work, engineRate, jobRate));
        }
        return new Figure(
                work,
                spread(turns, Turn::engine),
                spread(turns, Turn::job),
                spread(turns, turn -> turn.job() / turn.engine()),
                spread(turns, Turn::runSeconds));
    }

    private static Spread spread(List<Turn> turns, ToDoubleFunction<Turn> value) {
        return Spread.of(turns.stream().mapToDouble(value).toArray());
    }

    private static double taskSeconds(SparkSession spark, RunResult result) {
        return LiteralPath.table(spark, result.output() + "/" + Tables.SHARDS)
                .agg(sum(col("seconds")))
                .head()
                .getDouble(0);
    }

    private long complete(SpikingModel opened, Tokenizer tokenizer, List<String> prompts) {
        GenerationSettings settings = generation().settings(opened.config());
        int positions = Math.min(settings.context(), settings.context() / 2 + size.newTokens());
        MemoryPlan plan = MemoryPlan.forTask(opened, tokenizer.vocabSize(), positions, 1);
        long tokens = 0;
        try (Generator generator =
                new Generator(opened, tokenizer, Generator.Options.of(plan, Double.POSITIVE_INFINITY))) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (String prompt : prompts) {
                int[] ids = BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(prompt));
                String rowId = String.valueOf(requests.size());
                requests.add(new GenerationRequest(rowId, ids, settings.sampling(), settings.seed(), 0));
            }
            for (Iterator<Completion> done = generator.generate(requests.iterator()); done.hasNext(); ) {
                Completion completion = done.next();
                tokens += completion.request().promptIds().length + completion.tokenIds().length;
            }
        }
        return tokens;
    }

    private static long score(SpikingModel opened, Tokenizer tokenizer, List<String> documents) {
        int window = opened.config().contextLength();
        try (TokenScorer scorer = new TokenScorer(
                opened,
                tokenizer,
                List.of(new DocumentProtocol(window, window / 2)),
                new TokenScorer.Options(PerplexityOptions.DEFAULT_BATCH_SIZE, false))) {
            List<ScoringDocument> units = new ArrayList<>();
            for (String document : documents) {
                units.add(new ScoringDocument(String.valueOf(units.size()), document));
            }
            scorer.score(units.iterator()).forEachRemaining(scores -> {});
            return scorer.positions();
        }
    }

    private GenerationOptions generation() {
        return GenerationOptions.defaults(SEED, GenerationSettings.AUTOMATIC).withMaxNewTokens(size.newTokens());
    }

    private JobRunner scoring(Path input, Path output, boolean emitTokens) {
        return new JobRunner(
                arguments("perplexity", input, output),
                new PerplexityJob(PerplexityOptions.defaults(List.of(), emitTokens)));
    }

    private RunArguments arguments(String command, Path input, Path output) {
        return new RunArguments(
                command,
                ModelLocation.of(model),
                InputSpec.of(input.toString(), LINES),
                output.toString(),
                OptionalInt.of(1),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }

    /** Lines of random tokens, which are not read. */
    private static List<String> texts(Tokenizer tokenizer, int count, int tokens) {
        Random random = new Random(SEED);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = random.ints(tokens, 0, tokenizer.vocabSize()).toArray();
            texts.add("text " + i + " " + tokenizer.decode(ids).replaceAll("[\\p{Cntrl}\\ufffd]", " "));
        }
        return texts;
    }
}
