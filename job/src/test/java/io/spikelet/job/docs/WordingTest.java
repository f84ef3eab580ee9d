package io.spikelet.job.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Terms that were replaced by plainer ones do not come back in documentation, comments, option descriptions and messages. */
final class WordingTest {
    private static final Path ROOT = ProjectFolder.root();

    /** Exact phrases, lower case; {@code terms.txt} gives the plain term for each. */
    private static final Pattern TERM = Pattern.compile("^(?<odd>[^=]+?) = (?<plain>.+)$");

    private static final Pattern COMMENT_OR_TEXT = Pattern.compile(
            "\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])'|/\\*.*?\\*/|//[^\\n]*",
            Pattern.DOTALL);

    private static final Pattern LINE_START = Pattern.compile("\\n\\s*(?:\\*|//|#)?\\s*");

    @Test
    void replacedTermsDoNotComeBack() throws IOException {
        List<String> terms = terms();
        List<Path> files = files();
        assertThat(files).hasSizeGreaterThan(300);
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            for (String passage : passages(file)) {
                for (String term : terms) {
                    Matcher odd = TERM.matcher(term);
                    assertThat(odd.matches()).as(term).isTrue();
                    if (holds(passage, odd.group("odd"))) {
                        found.add(ROOT.relativize(file) + ": " + odd.group("odd") + "; write " + odd.group("plain"));
                    }
                }
            }
        }

        assertThat(found).isEmpty();
    }

    @Test
    void aTermIsFoundAcrossLinesAndOnlyAsWholeWords() {
        assertThat(holds(flat("/** Told\n * of it */"), "told of")).isTrue();
        assertThat(holds("nobody's", "nobody")).isTrue();
        assertThat(holds("chewing", "chew")).isFalse();
    }

    private static boolean holds(String passage, String term) {
        return Pattern.compile("(?<!\\w)" + Pattern.quote(term) + "(?!\\w)")
                .matcher(passage)
                .find();
    }

    private static String flat(String text) {
        return LINE_START.matcher(text).replaceAll(" ").toLowerCase(Locale.ROOT);
    }

    /** Pages whole; of Java files comments and literals, since identifiers may be any words. */
    private static List<String> passages(Path file) throws IOException {
        String text = Files.readString(file);
        return file.toString().endsWith(".java")
                ? COMMENT_OR_TEXT
                        .matcher(text)
                        .results()
                        .map(match -> flat(match.group()))
                        .toList()
                : List.of(flat(text));
    }

    private static List<String> terms() throws IOException {
        return Files.readAllLines(ROOT.resolve("job/src/test/resources/io/spikelet/job/docs/terms.txt")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(
                List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md"), ROOT.resolve("engine/README.md")));
        for (String folder : List.of(
                "docs", "conf", "datasets", "notebooks", "scripts", "engine/src/main/java", "job/src/main/java")) {
            try (Stream<Path> found = Files.walk(ROOT.resolve(folder))) {
                found.filter(Files::isRegularFile).filter(WordingTest::isProse).forEach(files::add);
            }
        }
        return files;
    }

    private static boolean isProse(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".java")
                || name.endsWith(".md")
                || name.endsWith(".conf")
                || name.endsWith(".properties")
                || (file.getParent().endsWith("scripts") && !name.endsWith(".tsv") && !name.endsWith(".args"));
    }

    /** Where the project is, without a Spark session. */
    private static final class ProjectFolder extends SparkTest {
        static Path root() {
            return projectRoot();
        }
    }
}
