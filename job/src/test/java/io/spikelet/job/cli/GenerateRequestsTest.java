package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a row can ask for, through the command line. */
final class GenerateRequestsTest extends SparkTest {
    private static final String PROMPT = "And the LORD said unto";

    @Test
    void aTemplateMakesThePromptsFromColumns() {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"question\": \"Who?\", \"n\": 3, \"prompt\": \"Answer\", \"tags\": [1, 2]}",
                "{\"id\": \"b\", \"question\": null, \"n\": 4, \"prompt\": \"Say\", \"tags\": []}");
        Path output = folder.resolve("out");

        done(generate(input, output, "--template", "{prompt} {{{n}}} {tags}\\nQ: {question}\\nA:"));

        List<Row> rows = rows(table(output, "completions"), "row_id", "prompt", "error_class", "question", "n");
        assertThat(rows.get(0).getString(1)).isEqualTo("Answer {3} [1,2]\nQ: Who?\nA:");
        assertThat(rows.get(0).isNullAt(2)).isTrue();
        assertThat(rows.get(0).getString(3)).isEqualTo("Who?");
        assertThat(rows.get(1).getString(2)).isEqualTo("null_input");
        Path file = write("template.txt", "Q: {question}\\n");
        done(generate(input, folder.resolve("file"), "--template-file", file));
        assertThat(rows(table(folder.resolve("file"), "completions"), "row_id", "prompt")
                        .getFirst()
                        .getString(1))
                .isEqualTo("Q: Who?\\n");
    }

    @Test
    void aCompletionIsWhatFollowsItsPromptAndAStopMayBeginWithASpace() {
        Path input = write("in.jsonl", "{\"id\": \"r0\", \"prompt\": \"And the king said\"}");
        String[] greedy = {"--sampler", "greedy", "--max-new-tokens", "6"};

        done(generate(input, folder.resolve("free"), greedy[0], greedy[1], greedy[2], greedy[3]));
        done(generate(input, folder.resolve("cut"), greedy[0], greedy[1], greedy[2], greedy[3], "--stop", " unto"));

        assertThat(rows(table(folder.resolve("free"), "completions"), "completion")
                        .getFirst()
                        .getString(0))
                .startsWith(" unto");
        Row cut = rows(table(folder.resolve("cut"), "completions"), "completion", "finish_reason")
                .getFirst();
        assertThat(cut.getString(0)).isEmpty();
        assertThat(cut.getString(1)).isEqualTo("stop");
    }

    @Test
    void aTemplateThatCannotBeUsedIsRefusedBeforeWork() {
        Path input = write("in.jsonl", "{\"id\": \"a\", \"question\": \"Who?\"}");
        Path output = folder.resolve("out");

        refused(generate(input, output, "--template", "{answer}"), "answer", "its columns are id, question");
        refused(generate(input, output, "--template", "{question"), "{ at character 1", "{{");
        refused(generate(input, output, "--template", "question}"), "} at character 9", "}}");
        refused(generate(input, output, "--template", "the same"), "names no column");
        refused(generate(input, output, "--template", "{question}\\q"), "backslash before 'q'");
        refused(generate(input, output, "--template", "{question}", "--template-file", input), "both given");
        refused(generate(input, output, "--template-file", folder.resolve("none")), "--template-file");
        refused(generate(input, output, "--override-columns", "heat"), "heat", "temperature");
        refused(generate(input, output, "--template", "{id}", "--override-columns", "seed"), "no column seed");
        refused(generate(input, output, "--samples", "0"), "--samples is 0");
        refused(generate(input, output, "--banned-ids", "4000000"), "--banned-ids has 4000000");
        refused(generate(input, output, "--top-logprobs", "-1"), "--top-logprobs is -1");
        assertThat(output).doesNotExist();
    }

    @Test
    void samplesAreRowsOfTheirOwnAndDependOnNothingElse() {
        Path input = write("in.jsonl", prompt("a"), prompt("b"), "{\"id\": \"bad\", \"prompt\": null}");
        List<List<Row>> tables = new ArrayList<>();
        for (String partitions : List.of("1", "3")) {
            Path output = folder.resolve("out" + partitions);
            done(generate(input, output, "--samples", "4", "--partitions", partitions));
            tables.add(rows(table(output, "completions"), "row_id", "sample_index", "completion", "error_class"));
        }
        done(generate(input, folder.resolve("one")));

        assertThat(tables.getFirst()).hasSize(12).isEqualTo(tables.get(1));
        assertThat(tables.getFirst().stream().map(row -> row.getString(0) + row.getInt(1)))
                .startsWith("a0", "a1", "a2", "a3", "b0")
                .endsWith("bad2", "bad3");
        assertThat(tables.getFirst().subList(0, 4).stream()
                        .map(row -> row.getString(2))
                        .distinct())
                .hasSizeGreaterThan(2);
        List<Row> one = rows(table(folder.resolve("one"), "completions"), "row_id", "sample_index", "completion");
        assertThat(one.getFirst().getString(2))
                .isEqualTo(tables.getFirst().getFirst().getString(2));
    }

    @Test
    @Tag("cluster") // a run for each option
    void everyOptionChangesTheRowsAndSoDoesItsColumn() {
        Map<String, Map<String, String>> wanted = new LinkedHashMap<>();
        wanted.put("max", Map.of("max-new-tokens", "5"));
        wanted.put("hot", Map.of("temperature", "1.9"));
        wanted.put("plain", Map.of("adaptive-temperature", "false"));
        wanted.put("k", Map.of("top-k", "1"));
        wanted.put("p", Map.of("top-p", "0.05"));
        wanted.put("m", Map.of("min-p", "0.9"));
        wanted.put("repetition", Map.of("repetition-penalty", "2.5"));
        wanted.put("presence", Map.of("presence-penalty", "-2"));
        wanted.put("frequency", Map.of("frequency-penalty", "-2"));
        wanted.put("stop", Map.of("stop", "e"));
        wanted.put("seed", Map.of("seed", "5"));
        wanted.put("greedy", Map.of("sampler", "greedy"));
        wanted.put("top", Map.of("top-logprobs", "2"));
        wanted.put("prompt", Map.of("prompt-logprobs", "true"));
        List<String> names = new ArrayList<>(wanted.keySet());
        names.addAll(List.of("stopped", "longer", "banned"));
        Map<String, Row> base = byId("base", names.stream().map(GenerateRequestsTest::prompt));
        wanted.put("stopped", Map.of("stop-ids", secondToken(base.get("stopped"))));
        wanted.put("longer", Map.of("stop-ids", secondToken(base.get("longer")), "min-new-tokens", "6"));
        wanted.put("banned", Map.of("banned-ids", secondToken(base.get("banned"))));

        String columns = wanted.values().stream()
                .flatMap(options -> options.keySet().stream())
                .distinct()
                .map(option -> option.replace('-', '_'))
                .collect(Collectors.joining(","));
        Map<String, Row> byColumn = byId(
                "columns",
                wanted.entrySet().stream().map(entry -> prompt(entry.getKey(), entry.getValue())),
                "--override-columns",
                columns,
                "--drop-columns",
                columns);
        wanted.forEach((name, options) -> {
            Object[] words = options.entrySet().stream()
                    .map(option -> "--" + option.getKey() + "=" + option.getValue())
                    .toArray();
            Row byOption =
                    byId("option-" + name, Stream.of(prompt(name)), words).get(name);
            assertThat(byColumn.get(name)).as(name).isEqualTo(byOption);
            if (!name.equals("longer")) {
                assertThat(byOption).as(name).isNotEqualTo(base.get(name));
            }
        });
        assertThat(byColumn.get("stopped").<Integer>getAs("completion_tokens")).isLessThanOrEqualTo(2);
        assertThat(byColumn.get("longer").<Integer>getAs("completion_tokens")).isGreaterThanOrEqualTo(6);
        Row other = byId("other", Stream.of(prompt("k")), "--no-token-logprobs", "--ablate", "prior")
                .get("k");
        assertThat(other.<Object>getAs("token_logprobs")).isNull();
        assertThat(other.<Double>getAs("sum_logprob"))
                .isNotEqualTo(base.get("k").<Double>getAs("sum_logprob"));
    }

    private static String secondToken(Row row) {
        return String.valueOf(
                row.<Integer>getList(row.fieldIndex("completion_token_ids")).get(1));
    }

    private static String prompt(String id, Map<String, String> options) {
        StringBuilder columns = new StringBuilder();
        options.forEach((option, value) -> columns.append(", \"" + option.replace('-', '_') + "\": \"" + value + "\""));
        return prompt(id).replace("}", columns + "}");
    }

    @Test
    void aColumnWithNonsenseCostsItsRowAlone() {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"prompt\": \"And\", \"temperature\": \"hot\"}",
                "{\"id\": \"b\", \"prompt\": \"And\", \"temperature\": \"-1\"}",
                "{\"id\": \"c\", \"prompt\": \"And\", \"temperature\": null}");
        Path output = folder.resolve("out");

        done(generate(input, output, "--override-columns", "temperature"));

        List<Row> rows = rows(table(output, "completions"), "row_id", "error_class", "error_message");
        assertThat(rows.get(0).getString(1)).isEqualTo("malformed_row");
        assertThat(rows.get(0).getString(2)).contains("temperature of the row is \"hot\"");
        assertThat(rows.get(1).getString(2)).contains("temperature of the row is -1.0");
        assertThat(rows.get(2).isNullAt(1)).isTrue();
    }

    @Test
    void integersThatAToolWroteAsFloatsHoldAndAFractionCostsItsRowAlone() {
        Path cases = projectRoot().resolve("job/src/test/resources/cases");
        Path output = folder.resolve("parquet");
        done(generate(cases.resolve("p/float_overrides.parquet"), output, "--override-columns", "max_new_tokens,seed"));
        List<Row> rows = rows(table(output, "completions"), "row_id", "completion_tokens", "seed", "error_class");
        assertThat(rows).extracting(row -> row.get(3)).containsOnlyNulls();
        assertThat(rows.get(0).getInt(1)).isBetween(1, 4);
        assertThat(rows.get(0).getLong(2)).isEqualTo(7);
        assertThat(rows.get(1).getLong(2)).as("a row without a seed").isNotEqualTo(7);

        Path lines = folder.resolve("lines");
        done(generate(
                cases.resolve("x1/one_float.jsonl"),
                lines,
                "--override-columns",
                "max_new_tokens",
                "--max-errors",
                "1"));
        assertThat(rows(table(lines, "completions"), "row_id", "error_class", "error_message"))
                .extracting(row -> row.getString(0) + " " + row.getString(1))
                .containsExactly("bad malformed_row", "ok1 null", "ok2 null");
        assertThat(table(lines, "completions").where("row_id = 'bad'").head().<String>getAs("error_message"))
                .contains("max_new_tokens of the row is 4.5", "whole number");
        assertThat(table(lines, "completions").where("completion_tokens > 4").count())
                .isZero();
    }

    @Test
    void equalPromptsAreCompletedOnceAndCopied() {
        String[] lines = IntStream.range(0, 40)
                .mapToObj(i ->
                        i % 4 == 3 ? prompt("r" + (100 + i)).replace("unto", "unto " + i) : prompt("r" + (100 + i)))
                .toArray(String[]::new);
        Path input = write("in.jsonl", lines);
        Path output = folder.resolve("out");

        done(generate(input, output, "--deduplicate", "--samples", "2", "--partitions", "3"));

        List<Row> rows = rows(table(output, "completions"), "sample_index", "row_id", "duplicate_of", "completion");
        assertThat(rows).hasSize(80);
        for (int sample = 0; sample < 2; sample++) {
            Row first = rows.get(40 * sample);
            assertThat(first.isNullAt(2)).isTrue();
            for (int i = 1; i < 40; i++) {
                Row row = rows.get(40 * sample + i);
                assertThat(row.getString(2)).isEqualTo(i % 4 == 3 ? null : "r100");
                assertThat(row.getString(3).equals(first.getString(3)))
                        .as(row.toString())
                        .isEqualTo(i % 4 != 3 || row.getString(3).equals(first.getString(3)));
            }
        }
        Row worked = table(output, "shards").selectExpr("sum(tokens)").head();
        Row distinct = table(output, "completions")
                .where("duplicate_of IS NULL")
                .selectExpr("sum(if(sample_index = 0, prompt_tokens, 0) + completion_tokens)")
                .head();
        assertThat(worked.getLong(0)).isEqualTo(distinct.getLong(0));
        Row all = table(output, "completions")
                .selectExpr("sum(if(sample_index = 0, prompt_tokens, 0))")
                .head();
        assertThat(table(output, "runs").head().<Long>getAs("prompt_tokens")).isEqualTo(all.getLong(0));
    }

    @Test
    void whatIsToldOfProbabilitiesFitsTheTokens() {
        Row row = only(
                write("in.jsonl", prompt("a")),
                "out",
                "--top-logprobs",
                "3",
                "--prompt-logprobs",
                "--sampler",
                "greedy");

        int tokens = row.<Integer>getAs("completion_tokens");
        int prompt = row.<Integer>getAs("prompt_tokens");
        assertThat(row.getList(row.fieldIndex("top_token_ids"))).hasSize(tokens);
        assertThat(row.getList(row.fieldIndex("top_logprobs"))).hasSize(tokens);
        assertThat(row.getList(row.fieldIndex("prompt_token_ids"))).hasSize(prompt);
        assertThat(row.getList(row.fieldIndex("prompt_logprobs"))).hasSize(prompt);
        assertThat(row.<Float>getList(row.fieldIndex("prompt_logprobs")).getFirst())
                .isNull();
        assertThat(row.<Float>getList(row.fieldIndex("prompt_logprobs")).get(1)).isNegative();
        assertThat(row.<Object>getList(row.fieldIndex("prompt_top_token_ids")).getFirst())
                .isNull();
    }

    private static String prompt(String id) {
        return "{\"id\": \"" + id + "\", \"prompt\": \"" + PROMPT + "\"}";
    }

    /** The one row of a run of 20 tokens, without what names the run or measures time. */
    private Row only(Path input, String name, Object... more) {
        return byId(input, name, more).values().iterator().next();
    }

    private Map<String, Row> byId(String name, Stream<String> lines, Object... more) {
        return byId(write(name + ".jsonl", lines.toArray(String[]::new)), name, more);
    }

    private Map<String, Row> byId(Path input, String name, Object... more) {
        Path output = folder.resolve("runs").resolve(name);
        done(generate(input, output, more));
        return table(output, "completions")
                .drop("run_id", "prefill_millis", "decode_millis", "content_sha256")
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(row -> row.getAs("row_id"), Function.identity()));
    }

    private static void done(Invocation invocation) {
        assertThat(invocation.status()).as(invocation.err()).isZero();
    }

    private static void refused(Invocation invocation, String... parts) {
        MainTest.assertRefused(invocation, parts);
    }

    private static Invocation generate(Path input, Path output, Object... more) {
        List<Object> args =
                new ArrayList<>(List.of("generate", "--model", model(), "--input", input, "--output", output));
        if (!String.join(" ", List.of(more).stream().map(Object::toString).toList())
                .contains("--max-new-tokens")) {
            args.addAll(List.of("--max-new-tokens", "20"));
        }
        args.addAll(List.of(more));
        return Invocation.of(args.toArray());
    }
}
