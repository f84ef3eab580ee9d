package io.spikelet.job.cli;

import io.spikelet.engine.bench.Spread;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.action.Demo;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures whole commands on the bundled data, each in a process of its own as {@code scripts/spikelet} starts it, beside
 * {@link MinimalSparkProgram} on a plain JVM. Commands take turns, so that a change of the machine meets all of them.
 *
 * @param home the checkout
 * @param folder an empty folder for results
 * @param minimal what Java is told to run {@link MinimalSparkProgram}, before its arguments
 */
record StartupBenchmark(Path home, Path folder, int turns, List<String> minimal, Consumer<String> progress) {
    /** The name of the program that commands are compared with. */
    static final String MINIMAL = "minimal Spark program";

    private static final String TIMES = "TIMEFORMAT='%R %U %S'; time \"$0\" \"$@\" >\"$SPIKELET_LOG\" 2>&1 </dev/null";

    StartupBenchmark {
        minimal = List.copyOf(minimal);
    }

    /**
     * Medians of a command.
     *
     * @param cpuSeconds of all threads
     */
    record Figure(String command, double wallSeconds, double cpuSeconds) {}

    /** Wall and CPU seconds of a process. */
    private record Sample(double wall, double cpu) {}

    /** The minimal program first. */
    List<Figure> measure() throws IOException {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int turn = 0; turn < turns; turn++) {
            for (Map.Entry<String, List<String>> command :
                    commands(folder.resolve("turn-" + turn)).entrySet()) {
                Sample sample = run(command.getKey(), command.getValue());
                progress.accept(String.format(
                        Locale.ROOT,
                        "turn %d of %d, %s: %.1f s, %.1f CPU seconds",
                        turn + 1,
                        turns,
                        command.getKey(),
                        sample.wall(),
                        sample.cpu()));
                samples.computeIfAbsent(command.getKey(), name -> new ArrayList<>())
                        .add(sample);
            }
        }
        return samples.entrySet().stream()
                .map(entry -> new Figure(
                        entry.getKey(), median(entry.getValue(), Sample::wall), median(entry.getValue(), Sample::cpu)))
                .toList();
    }

    /** The commands of a turn; some look at what those before have written. */
    private Map<String, List<String>> commands(Path turn) throws IOException {
        Files.createDirectories(turn);
        Path prompts = Files.write(
                turn.resolve("two.jsonl"),
                Files.readAllLines(home.resolve("datasets/prompts/prompts.jsonl"))
                        .subList(0, 2));
        Path texts = Files.writeString(turn.resolve("texts.json"), "[\"Call me Ishmael.\"]");
        String model = home.resolve(Demo.MODEL).toString();
        String scored = turn.resolve("scored").toString();
        String query = "SELECT level, `group`, perplexity FROM summary ORDER BY level, `group`";
        Map<String, List<String>> commands = new LinkedHashMap<>();
        commands.put(MINIMAL, minimal(prompts, turn.resolve("minimal")));
        commands.put("--help", spikelet("--help"));
        commands.put("inspect", spikelet("inspect", model));
        commands.put(
                "tokenize",
                spikelet("tokenize", "--tokenizer", model, "--texts", texts, "--output", turn.resolve("ids.json")));
        commands.put(
                "generate, 2 prompts",
                spikelet("generate", "--model", model, "--input", prompts, "--output", turn.resolve("completed")));
        commands.put(
                "perplexity, bundled corpus",
                spikelet(
                        "perplexity",
                        "--model",
                        model,
                        "--input",
                        home.resolve("datasets/corpus"),
                        "--output",
                        scored,
                        "--group-by",
                        "group"));
        commands.put("sql", spikelet("sql", "--results", scored, query));
        commands.put("report", spikelet("report", scored, "-o", turn.resolve("report.html")));
        commands.put("demo", spikelet("demo", "--output", turn.resolve("demo")));
        return commands;
    }

    private List<String> spikelet(Object... arguments) {
        return Stream.concat(
                        Stream.of(home.resolve("scripts/spikelet").toString()),
                        Arrays.stream(arguments).map(Object::toString))
                .toList();
    }

    /** On the JVM of this process, without what quickens the start of commands. */
    private List<String> minimal(Path input, Path output) {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        return Stream.of(
                        Stream.of(java, "@" + home.resolve("scripts/jvm.args")),
                        minimal.stream(),
                        Stream.of(input.toString(), output.toString()))
                .flatMap(part -> part)
                .toList();
    }

    /** By bash, which knows what a process that has ended has used. */
    private Sample run(String name, List<String> command) throws IOException {
        File log = folder.resolve("log").toFile();
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of("bash", "-c", TIMES), command.stream()).toList());
        builder.environment().put("SPIKELET_LOG", log.toString());
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String times = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.onExit().join().exitValue();
        if (status != ExitStatus.DONE) {
            throw new RunFailedException(name + " ended with status " + status + ": "
                    + Files.readString(log.toPath()).strip());
        }
        String[] seconds = times.strip().split(" ", -1);
        return new Sample(
                Double.parseDouble(seconds[0]), Double.parseDouble(seconds[1]) + Double.parseDouble(seconds[2]));
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return Spread.of(samples.stream().mapToDouble(value).toArray()).median();
    }
}
