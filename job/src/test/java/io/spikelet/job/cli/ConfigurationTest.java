package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One configuration for every command: command line, job file, Spark conf, defaults. */
final class ConfigurationTest {
    @TempDir
    private Path folder;

    static Stream<CommandSpec> commands() {
        return Main.commands().getSubcommands().values().stream().map(CommandLine::getCommandSpec);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionIsDescribedAndNamedInTheSameStyle(CommandSpec command) {
        assertThat(String.join("", command.usageMessage().description())).endsWith(".");
        for (OptionSpec option : command.options()) {
            assertThat(option.longestName()).matches("--[a-z][a-z0-9-]*");
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionOfEveryCommandCanStandInAJobFileAndInSparkConf(CommandSpec command) throws IOException {
        for (OptionSpec option : ConfiguredDefaults.options(command)) {
            String name = ConfiguredDefaults.name(option);
            String value = value(option);
            List<String> needed = needed(command, option);
            String inFile = option.typeInfo().isMap() ? "{" + value.replace("=", ": ") + "}" : value;

            Invocation byFile = printed(needed, "--job-file", job(name + ": " + inFile));
            assertThat(byFile.status()).as(byFile.err()).isZero();
            assertThat(line(byFile, name))
                    .contains(folder.resolve("job.yaml").toString())
                    .contains(shown(option, value));

            if (!option.typeInfo().isMap()) {
                Invocation bySpark = withProperty(name, value, needed);
                assertThat(bySpark.status()).as(bySpark.err()).isZero();
                assertThat(line(bySpark, name)).endsWith("# Spark conf").contains(shown(option, value));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatIsPrintedIsAJobFileOfTheSameConfiguration(CommandSpec command) throws IOException {
        Invocation first = printed(needed(command, null));
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.out().lines())
                .hasSize(1 + ConfiguredDefaults.options(command).size());
        List<String> operands = new ArrayList<>(List.of(command.name()));
        command.positionalParameters().forEach(parameter -> operands.add(value(parameter)));

        Invocation again = printed(operands, "--job-file", job(first.out().split("\n")));

        assertThat(again.status()).as(again.err()).isZero();
        assertThat(values(again)).isEqualTo(values(first));
    }

    @Test
    void theCommandLineGoesBeforeTheFileAndTheFileBeforeSparkConfAndThatBeforeDefaults() throws IOException {
        Path file = job("top-k: 3", "seed: 5", "conf: {spark.spikelet.seed: 6, spark.spikelet.temperature: 0.5}");
        Invocation printed = printed(generate("--top-k", "2", "--conf", "spark.spikelet.top-k=4"), "--config", file);

        assertThat(line(printed, "top-k")).isEqualTo("top-k: 2  # command line");
        assertThat(line(printed, "seed")).isEqualTo("seed: 5  # " + file);
        assertThat(line(printed, "temperature")).isEqualTo("temperature: 0.5  # Spark conf");
        assertThat(line(printed, "max-new-tokens")).isEqualTo("max-new-tokens: 64  # default");
        assertThat(line(printed, "limit")).isEqualTo("#limit:  # not set");
        assertThat(line(printed, "conf")).contains("command line, " + file, "\"spark.spikelet.top-k\":\"4\"");
    }

    @Test
    void listsKeepTheirItemsAndFlagsCanBeTurnedOff() throws IOException {
        Path file = job("stop: [\"a, b\", \"\\n\\n\"]", "stop-ids: [5, 6]", "adaptive-temperature: false");
        Invocation printed = printed(generate(), "--config", file);

        assertThat(line(printed, "stop")).startsWith("stop: [\"a, b\",\"\\n\\n\"]");
        assertThat(line(printed, "stop-ids")).startsWith("stop-ids: [\"5\",\"6\"]");
        assertThat(line(printed, "adaptive-temperature")).startsWith("adaptive-temperature: false");
    }

    @Test
    void aKeyThatIsNoOptionIsAnErrorWithTheNearestOne() throws IOException {
        refused(printed(generate(), "--config", job("max-tokens: 3")), "max-tokens", "did you mean max-new-tokens?");
        refused(printed(generate(), "--config", job("stride: 3")), "stride", "other commands, but not of generate");
        refused(
                printed(generate("--conf", "spark.spikelet.temprature=1")),
                "spark.spikelet.temprature",
                "did you mean temperature?");
    }

    @Test
    void anOptionThatIsNoneIsAnErrorWithTheNearestOneEvenIfItWasARequiredOne() {
        refused(printed(generate("--temprature", "1")), "--temprature", "did you mean --temperature?");
        refused(
                printed(List.of("generate", "--modle=m", "--input", "i", "--output", "o")),
                "--modle is no option of generate; did you mean --model? (see 'spikelet generate --help')");
        refused(
                printed(generate("--stride", "5")),
                "--stride is an option of other commands, but not of generate (see");
        refused(printed(generate("--no-token-logprob")), "did you mean --no-token-logprobs?");
    }

    @Test
    void filesThatAreNoJobFilesAreErrors() throws IOException {
        refused(printed(generate(), "--config", folder.resolve("none.yaml")), "none.yaml");
        refused(printed(generate(), "--config", job("- a")), "not a YAML mapping");
        refused(printed(generate(), "--config", job("top-k: [1")), "not YAML");
        refused(printed(generate(), "--config", job("top-k: 1", "top-k: 2")), "not YAML", "top-k");
        refused(printed(generate(), "--config", job("top-k:")), "top-k", "empty");
        refused(printed(generate(), "--config", job("top-k: {a: {b: 1}}")), "top-k", "nested");
        refused(
                printed(generate(), "--config", job("top-k: many")),
                "'--top-k'",
                "many",
                folder.resolve("job.yaml").toString());
    }

    @Test
    void valuesOfAJobFileAreTakenAsTheyAreWritten() throws IOException {
        Path file = job("stop: [no, Yes, 1.10, 0x1F, 1_000, 2024-05-01]", "temperature: 1e-1", "stop-ids: 5");
        Invocation printed = printed(generate(), "--config", file);

        assertThat(printed.status()).as(printed.err()).isZero();
        assertThat(line(printed, "stop"))
                .startsWith("stop: [\"no\",\"Yes\",\"1.10\",\"0x1F\",\"1_000\",\"2024-05-01\"]");
        assertThat(line(printed, "temperature")).contains("1e-1");
    }

    @Test
    void aValueIsNoVariableAndAFlagOfTheCommandLineMeansTheSameWhateverTheFileSays() throws IOException {
        Path file = job("template: '$${a} ${sys:user.home} $$ {x}'", "deduplicate: true", "token-logprobs: false");
        Invocation byFile = printed(generate(), "--config", file);
        Invocation byLine = printed(generate("--deduplicate", "--token-logprobs", "--quiet"), "--config", file);

        assertThat(line(byFile, "template")).startsWith("template: \"$${a} ${sys:user.home} $$ {x}\"  # " + file);
        assertThat(line(byFile, "deduplicate")).isEqualTo("deduplicate: true  # " + file);
        assertThat(line(byFile, "token-logprobs")).isEqualTo("token-logprobs: false  # " + file);
        assertThat(line(byLine, "deduplicate")).isEqualTo("deduplicate: true  # command line");
        assertThat(line(byLine, "token-logprobs")).isEqualTo("token-logprobs: true  # command line");
        assertThat(line(byLine, "quiet")).isEqualTo("quiet: true  # command line");
        refused(printed(generate(), "--config", job("deduplicate: maybe")), "'--deduplicate'", "maybe", "job.yaml");
        refused(printed(generate(), "--config", job("seed: [1, 2]")), "'--seed'", "one value", "job.yaml");
    }

    @Test
    void whatYamlSharesBetweenValuesIsRefusedWithItsLine() throws IOException {
        refused(printed(generate(), "--config", job("stop: [&m a]", "id-column: *m")), "anchors");
        refused(printed(generate(), "--config", job("stop: [a]", "id-column: *m")), "line 2", "aliases");
        refused(printed(generate(), "--config", job("stop: &m [a]")), "anchors");
        refused(printed(generate(), "--config", job("conf: &m {a: b}")), "anchors");
        refused(printed(generate(), "--config", job("conf: {<<: {a: b}}")), "<<");
        refused(printed(generate(), "--config", job("<<: {top-k: 1}")), "<<");
        refused(printed(generate(), "--config", job("top-k: 1", "---", "top-k: 2")), "second document", "line 3");
        refused(printed(generate(), "--config", job("top-k: 1", "...", "---", "- a")), "second document");
    }

    @Test
    void aJobFileIsSmall() throws IOException {
        refused(printed(generate(), "--config", job("top-k: 1 # " + "x".repeat(1 << 16))), "65536");
        Invocation refused = printed(generate(), "--config", job("? " + "x".repeat(60_000), ": 1"));
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err()).hasSizeLessThan(2_000).contains("job.yaml", "xxx");
    }

    @Test
    void secretsAreNeitherPrintedNorTold() throws IOException {
        String secret = "wJalrXUtnFEMI/K7MDENG";
        Path file = job("conf: {spark.hadoop.fs.s3a.secret.key: " + secret + "}");
        Invocation byFile = printed(generate(), "--config", file);
        Invocation byLine = printed(generate("--conf", "spark.my.password=" + secret, "--stop=s3a://k:pw1@bucket/x"));
        Invocation refused = Invocation.of(
                generate("--conf", "spark.my.token=" + secret, "--conf", secret).toArray());
        Invocation broken = printed(generate(), "--config", job("conf: {spark.my.secret: [" + secret));

        assertThat(line(byFile, "conf")).contains("\"spark.hadoop.fs.s3a.secret.key\":\"*********(redacted)\"");
        assertThat(line(byLine, "conf")).contains("\"spark.my.password\":\"*********(redacted)\"");
        for (Invocation each : List.of(byFile, byLine, refused, broken)) {
            assertThat(each.out() + each.err())
                    .isNotEmpty()
                    .doesNotContain(secret)
                    .doesNotContain("pw1");
        }
        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(broken.status()).isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void namesOfOthersDoNotRuleTheTerminal() throws IOException {
        Invocation refused = printed(generate(), "--config", job("\"a\\e[31m\\a\": 1"));

        assertThat(refused.err())
                .contains("a\\u001b[31m\\u0007")
                .doesNotContain("\u001b")
                .doesNotContain("\u0007");
    }

    @Test
    void aFileMayGiveWhatTheCommandDemands() throws IOException {
        Path file = job("model: m", "input: i", "output: o");

        assertThat(printed(List.of("generate"), "--config", file).status()).isZero();
        refused(printed(List.of("generate"), "--config", job("model: m")), "--input");
    }

    @Test
    void aShellCompletesEveryCommandAndOption() {
        Invocation script = Invocation.of("completion");

        assertThat(script.status()).isZero();
        commands().forEach(command -> {
            assertThat(script.out()).contains(command.name());
            command.options().forEach(option -> assertThat(script.out()).contains(option.longestName()));
        });
    }

    private static void refused(Invocation invocation, String... parts) {
        MainTest.assertRefused(invocation, parts);
    }

    private Path job(String... lines) throws IOException {
        return Files.write(folder.resolve("job.yaml"), Arrays.asList(lines));
    }

    private static List<String> generate(String... more) {
        List<String> args = new ArrayList<>(List.of("generate", "--model", "m", "--input", "i", "--output", "o"));
        args.addAll(List.of(more));
        return args;
    }

    private static Invocation printed(List<String> args, Object... more) {
        List<Object> all = new ArrayList<>(args);
        all.addAll(List.of(more));
        all.add("--print-config");
        return Invocation.of(all.toArray());
    }

    /** As spark-submit passes its properties on. */
    private static Invocation withProperty(String option, String value, List<String> args) {
        String property = "spark.spikelet." + option;
        System.setProperty(property, value);
        try {
            return printed(args);
        } finally {
            System.clearProperty(property);
        }
    }

    /** The command with everything that it demands, but one option. */
    private static List<String> needed(CommandSpec command, OptionSpec without) {
        List<String> args = new ArrayList<>(List.of(command.name()));
        for (ArgSpec arg : command.args()) {
            if (arg instanceof PositionalParamSpec) {
                args.add(value(arg));
            } else if (arg instanceof OptionSpec option && option.required() && !option.equals(without)) {
                args.add(option.longestName() + "=" + value(option));
            }
        }
        return args;
    }

    /** A value that differs from the default. */
    private static String value(ArgSpec arg) {
        if (arg.typeInfo().isMap()) {
            return "key=7";
        }
        if (!arg.isMultiValue() && arg.arity().max() == 0) {
            return String.valueOf(!Boolean.parseBoolean(arg.defaultValue()));
        }
        if (arg.paramLabel().contains("int8")) {
            return "fp32";
        }
        String name = arg.isOption() ? ((OptionSpec) arg).longestName() : "";
        return switch (name) {
            case "--scheme" -> "w8a8";
            case "--preset", "--variant" -> "194m";
            default -> "7";
        };
    }

    private static String shown(OptionSpec option, String value) {
        return option.typeInfo().isMap() ? "\"key\":\"7\"" : value;
    }

    private static String line(Invocation printed, String name) {
        return printed.out()
                .lines()
                .filter(line -> line.startsWith(name + ":") || line.startsWith("#" + name + ":"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in\n" + printed.out() + printed.err()));
    }

    private static List<String> values(Invocation printed) {
        return printed.out().lines().map(line -> line.replaceAll("  # .*", "")).toList();
    }
}
