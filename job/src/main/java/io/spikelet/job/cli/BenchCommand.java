package io.spikelet.job.cli;

import io.spikelet.engine.bench.Benchmark;
import io.spikelet.engine.bench.BenchmarkOptions;
import io.spikelet.engine.bench.BenchmarkReport;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.job.UsageException;
import io.spikelet.job.action.Demo;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.SparkOverheadBenchmark;
import io.spikelet.job.action.SparkSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The speed of a model on this machine, compared with the limits of the machine. */
@Command(
        name = "bench",
        description =
                "Measures tokens per second beside the read bandwidth and the multiply-adds of the core in the same"
                        + " run, those of floats and those of integers.",
        footer = {
            "",
            "A model whose tokens take several time steps is measured in turns with its dense twin: the",
            "products of a transformer of the same shape in INT8, once a token and in every time step.",
            "",
            "Progress goes to standard error. Let nothing else run meanwhile; on Linux, taskset -c 1 keeps the",
            "compiler and the measured thread on one core.",
            "",
            "Examples:",
            "  spikelet bench --model models/0.8b",
            "  spikelet bench --model models/0.8b --quick --ladder",
            "  spikelet bench --model models/0.8b --batch 1,24 --json > bench.json",
            "  spikelet bench --model models/0.8b --job",
            "  spikelet bench --startup"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int TURNS = 5;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", description = "Model directory; needed unless with --startup.")
    private Path model;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Option(
            names = "--ladder",
            description =
                    "Also decode with fewer techniques: scalar FP32, vector FP32, INT8 without spike skipping; of a"
                            + " w8a8 model also without the native library."
                            + " Writes FP32 weights, four times the model's size, to a temporary folder.")
    private boolean ladder;

    @Option(
            names = "--job",
            description =
                    "Measure instead what a Spark job of one task, local[1], leaves of the engine's speed: generate,"
                            + " perplexity, and perplexity --emit-tokens. The model needs a tokenizer.")
    private boolean job;

    @Option(
            names = "--startup",
            description =
                    "Measure instead wall and CPU seconds of whole commands on the bundled data, medians of five (with"
                            + " --quick of one), beside a minimal Spark program on a plain JVM. Takes minutes.")
    private boolean startup;

    @Option(names = "--quick", description = "Fewer figures and less time for each: a first impression.")
    private boolean quick;

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "N",
            description = "Sequences decoded at once, several separated by commas (default: 1,4,8,16,32).")
    private List<Integer> batches;

    @Option(
            names = "--kv-cache",
            paramLabel = "TYPE",
            description = "What attention stores of keys and values: float32 (default), float16, int8.")
    private String keyValueCache;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Time to spend on the repetitions of one figure (default: 4, with --quick 1).")
    private Double seconds;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        if (startup) {
            return measureStartup(err);
        }
        if (model == null) {
            throw new UsageException("--model is missing; only --startup measures without one");
        }
        if (job) {
            return measureJob(err);
        }
        BenchmarkReport report = Benchmark.run(model, Families.all(), options(), err::println);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.toJson().toPrettyString());
        } else {
            new BenchTable(report, out).print();
        }
        return ExitStatus.DONE;
    }

    private int measureJob(PrintWriter err) throws IOException {
        if (ladder || batches != null || seconds != null || keyValueCache != null) {
            throw new UsageException(
                    "--job measures whole jobs; --ladder, --batch, --kv-cache and --seconds do not go with it");
        }
        SparkOverheadBenchmark.Size size =
                quick ? SparkOverheadBenchmark.Size.QUICK : SparkOverheadBenchmark.Size.STANDARD;
        try (OpenSession session = new SparkSettings(Optional.of("local[1]"), Map.of()).open("spikelet bench")) {
            List<SparkOverheadBenchmark.Figure> figures =
                    new SparkOverheadBenchmark(model, size, err::println).measure(session.spark());
            new SparkOverheadTable(figures).print(spec.commandLine().getOut(), json);
        }
        return ExitStatus.DONE;
    }

    private int measureStartup(PrintWriter err) throws IOException {
        if (model != null || job || ladder || batches != null || seconds != null || keyValueCache != null) {
            throw new UsageException("--startup measures the bundled model; only --quick and --json go with it");
        }
        Path home = ProjectHome.having(Demo.MODEL)
                .orElseThrow(() -> new UsageException(
                        "--startup needs the bundled data, and no folder from " + ProjectHome.start() + " up has it"));
        Path folder = Files.createTempDirectory("spikelet-startup");
        try {
            List<String> minimal =
                    List.of("-cp", System.getProperty("java.class.path"), MinimalSparkProgram.class.getName());
            StartupBenchmark benchmark = new StartupBenchmark(home, folder, quick ? 1 : TURNS, minimal, err::println);
            new StartupTable(benchmark.measure()).print(spec.commandLine().getOut(), json);
        } finally {
            FileUtils.deleteQuietly(folder.toFile());
        }
        return ExitStatus.DONE;
    }

    private BenchmarkOptions options() {
        BenchmarkOptions options = quick ? BenchmarkOptions.quick() : BenchmarkOptions.standard();
        if (batches != null) {
            options = options.withBatches(batches);
        }
        if (seconds != null) {
            options = options.withSeconds(seconds);
        }
        if (keyValueCache != null) {
            options = options.withKeyValueCache(KeyValueType.ofLabel(keyValueCache));
        }
        return options.withLadder(ladder);
    }
}
