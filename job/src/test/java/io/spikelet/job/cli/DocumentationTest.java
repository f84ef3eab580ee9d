package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** Compares what the documentation says about commands, columns, messages and files with the code. */
final class DocumentationTest {
    private static final Path ROOT = SparkFolder.root();
    private static final Path DOCS = ROOT.resolve("docs");

    /** Set to {@code write} to write the pages that come from code. */
    private static final boolean WRITES = "write".equals(System.getProperty("spikelet.docs"));

    private static final String COMMANDS_INTRODUCTION = """
            # Commands

            The output of `scripts/spikelet COMMAND --help` for every command. Options can also come from a job file or from Spark's
            configuration: [configuration.md](configuration.md). The JVM prints `WARNING: Using incubator modules` about the Vector API; the
            warning is harmless and cannot be turned off.

            | command | what it does |
            |---|---|
            """;

    private static final String REMEDY = "write it again as CONTRIBUTING.md says";

    @Test
    void mavenCoordinatesAreThoseOfTheProject() throws IOException {
        Matcher version = Pattern.compile("<groupId>io\\.spikelet</groupId>\\s*<artifactId>spikelet</artifactId>\\s*"
                        + "<version>(.+?)</version>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        String library = Files.readString(DOCS.resolve("library.md"));
        for (String module : List.of("job", "engine")) {
            assertThat(Files.readString(ROOT.resolve(module).resolve("pom.xml")))
                    .contains("<artifactId>spikelet-" + module + "</artifactId>");
        }
        assertThat(library)
                .containsPattern(
                        "<groupId>io\\.spikelet</groupId>\\s*<artifactId>spikelet-job</artifactId>\\s*<version>"
                                + Pattern.quote(version.group(1)) + "</version>")
                .contains("io.spikelet:spikelet-engine:" + version.group(1));
    }

    @Test
    void everyCommandIsListedWithItsHelp() throws Exception {
        StringBuilder page = new StringBuilder(COMMANDS_INTRODUCTION);
        for (Class<?> command : Main.class.getAnnotation(Command.class).subcommands()) {
            Command about = command.getAnnotation(Command.class);
            page.append("| [`%s`](#%1$s) | %s |\n".formatted(about.name(), String.join(" ", about.description())));
        }
        for (Class<?> command : Main.class.getAnnotation(Command.class).subcommands()) {
            String name = command.getAnnotation(Command.class).name();
            Invocation help = Invocation.of(name, "--help");
            page.append("\n## ").append(name).append("\n\n```text\n");
            help.out()
                    .strip()
                    .lines()
                    .forEach(line -> page.append(line.stripTrailing()).append('\n'));
            page.append("```\n");
        }

        requireSame(DOCS.resolve("commands.md"), page.toString());
    }

    @Test
    void everyColumnOfEveryTableIsDescribed() throws Exception {
        Path file = DOCS.resolve("tables.md");
        String page = Files.readString(file);
        Properties texts = new Properties();
        try (Reader in = Files.newBufferedReader(
                ROOT.resolve("job/src/test/resources/io/spikelet/job/cli/columns.properties"))) {
            texts.load(in);
        }
        StringBuilder wanted = new StringBuilder();
        tables().forEach((name, columns) -> wanted.append(described(name, columns, texts)));
        int tables = page.indexOf("## `");
        String head = tables < 0 ? page : page.substring(0, tables);

        requireSame(file, head + wanted.toString().strip() + "\n");
        assertThat(wanted.toString()).as("columns without a description").doesNotContain("| ? |");
    }

    @Test
    void everyMessageThatIsQuotedIsInTheSource() throws Exception {
        String source = sources();
        String page = Files.readString(DOCS.resolve("troubleshooting.md"));
        List<String> messages = new ArrayList<>();
        for (String section : page.split("\n## ")) {
            if (section.startsWith("Before work begins") || section.startsWith("While it runs")) {
                Pattern.compile("(?m)^\\| `([^`]+)` \\|")
                        .matcher(section)
                        .results()
                        .forEach(row -> messages.add(row.group(1)));
            }
        }

        assertThat(messages).hasSizeGreaterThan(12);
        for (String message : messages) {
            for (String part : message.split("…")) {
                if (!part.isBlank()) {
                    assertThat(source.contains(part.strip())).as(part).isTrue();
                }
            }
        }
        for (Matcher name = Pattern.compile("(?m)^\\| (`\\w+`(?:, `\\w+`)*) \\| [^|]*\\|$")
                        .matcher(page);
                name.find(); ) {
            for (String errorClass : name.group(1).replace("`", "").split(", ")) {
                assertThat(source).contains("\"" + errorClass + "\"");
            }
        }
    }

    /** No program survives it, so that all there can be is the way to avoid it. */
    @Test
    void whatATruncatedFileOfWeightsDoesIsSaidWithTheWayToReplaceOne() throws Exception {
        assertThat(Files.readAllLines(DOCS.resolve("troubleshooting.md")))
                .filteredOn(line -> line.contains("SIGBUS"))
                .singleElement()
                .asString()
                .contains("`weights.bin` was truncated", "writing a new directory beside it and renaming");
    }

    @Test
    void everyLinkLeadsToAFileAndEveryPageIsLinked() throws Exception {
        List<Path> pages = new ArrayList<>(List.of(
                ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md"), ROOT.resolve("notebooks/README.md")));
        try (Stream<Path> files = Files.list(DOCS)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        List<Path> linked = new ArrayList<>();
        for (Path page : pages) {
            for (Matcher link = Pattern.compile("]\\((?!https?:)([^)#]+)(#[^)]*)?\\)")
                            .matcher(Files.readString(page));
                    link.find(); ) {
                Path target = page.resolveSibling(link.group(1)).normalize();
                assertThat(target).as("link in " + page).exists();
                linked.add(target);
            }
        }
        assertThat(linked).containsAll(pages.subList(1, pages.size()));
    }

    private static void requireSame(Path file, String wanted) throws IOException {
        if (WRITES) {
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file))
                .as("%s is out of date: %s", file.getFileName(), REMEDY)
                .isEqualTo(wanted);
    }

    /** All tables with their own columns; a run's tables by name. */
    private static Map<String, StructType> tables() {
        Map<String, StructType> tables = new LinkedHashMap<>();
        tables.put(Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS);
        tables.put(Tables.DOCUMENT_SCORES, Tables.DOCUMENT_SCORES_COLUMNS);
        StructType tokens = new StructType();
        for (String key : Tables.TOKEN_SCORES_KEYS) {
            tokens = tokens.add(Tables.DOCUMENT_SCORES_COLUMNS.apply(key));
        }
        tables.put(Tables.TOKEN_SCORES, joined(tokens, Tables.TOKEN_MEASURES));
        tables.put(Tables.SUMMARY, joined(Tables.SUMMARY_LEADING_COLUMNS, Tables.SUMMARY_METRIC_COLUMNS));
        tables.put(Tables.CHOICE_SCORES, Tables.CHOICE_SCORES_COLUMNS);
        tables.put(
                Tables.CHOICE_SUMMARY,
                joined(Tables.CHOICE_SUMMARY_LEADING_COLUMNS, Tables.CHOICE_SUMMARY_METRIC_COLUMNS));
        tables.put(Tables.DOCUMENT_COMPARISONS, Tables.DOCUMENT_COMPARISONS_COLUMNS);
        tables.put(Tables.COMPARISON_SUMMARY, Tables.COMPARISON_SUMMARY_COLUMNS);
        tables.put(Tables.RUNS, Tables.RUNS_COLUMNS);
        tables.put(Tables.COMPARED_RUNS, joined(new StructType().add(Tables.ROLE), Tables.RUNS_COLUMNS));
        tables.put("executors", Tables.EXECUTOR_COLUMNS);
        tables.put("shards", Tables.SHARDS_COLUMNS);
        return tables;
    }

    private static StructType joined(StructType one, StructType other) {
        StructType all = one;
        for (StructField field : other.fields()) {
            all = all.add(field);
        }
        return all;
    }

    private static String described(String table, StructType columns, Properties texts) {
        StringBuilder section = new StringBuilder("## `" + table + "`\n\n| column | type | |\n|---|---|---|\n");
        for (StructField column : columns.fields()) {
            String text = texts.getProperty(table + "." + column.name(), texts.getProperty(column.name(), "?"));
            section.append("| `" + column.name() + "` | " + type(column) + " | " + text + " |\n");
        }
        return section.append("\n").toString();
    }

    private static String type(StructField column) {
        String type = column.dataType().simpleString();
        return type.contains("struct<") ? "array of structs" : type;
    }

    /** All that could print, with the pieces of a literal over several lines put together. */
    private static String sources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("engine/src/main/java", "job/src/main/java", "scripts")) {
            try (Stream<Path> found = Files.walk(ROOT.resolve(folder))) {
                found.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        StringBuilder source = new StringBuilder();
        for (Path file : files) {
            source.append(Files.readString(file));
        }
        return source.toString().replaceAll("\"\\s*\\+\\s*\"", "");
    }

    /** Where the project is, without a Spark session. */
    private static final class SparkFolder extends SparkTest {
        static Path root() {
            return projectRoot();
        }
    }
}
