package io.spikelet.job.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fenced block of a page. Its first line says what it is, and a comment before it what a reader has by then:
 *
 * <pre>
 *   bash run, java run       commands and statements as they stand
 *   bash run with shared     the same, where the released files are at hand
 *   python run with MODULE   the same, where python3 has the module
 *   sql run                  queries for DuckDB
 *   bash elsewhere           commands for another place: a cluster, a whole build, the internet
 *   console, text, xml, yaml what was seen, or the content of a file
 * </pre>
 *
 * @param number on its page, from 1
 * @param given commands, run before the block and not shown to the reader
 */
record DocumentationBlock(int number, Kind kind, String text, List<String> given) {
    private static final Pattern PART = Pattern.compile("(?ms)^<!-- given\\n(.*?)^-->$|^```([^\\n]*)\\n(.*?)^```$");

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("bash run", Kind.BASH),
            Map.entry("bash run with shared", Kind.BASH_WITH_SHARED),
            Map.entry("java run", Kind.JAVA),
            Map.entry("python run with duckdb", Kind.PYTHON_DUCKDB),
            Map.entry("python run with matplotlib", Kind.MATPLOTLIB),
            Map.entry("python run with pandas", Kind.PANDAS),
            Map.entry("python run with pyspark", Kind.PYSPARK),
            Map.entry("sql run", Kind.DUCKDB),
            Map.entry("bash elsewhere", Kind.SHOWN),
            Map.entry("console", Kind.SHOWN),
            Map.entry("text", Kind.SHOWN),
            Map.entry("xml", Kind.SHOWN),
            Map.entry("yaml", Kind.SHOWN));

    enum Kind {
        BASH,
        BASH_WITH_SHARED,
        JAVA,
        MATPLOTLIB,
        PANDAS,
        PYSPARK,
        PYTHON_DUCKDB,
        DUCKDB,
        SHOWN
    }

    DocumentationBlock {
        given = List.copyOf(given);
    }

    String name() {
        return "block " + number;
    }

    /**
     * The blocks of a page in their order.
     *
     * @throws IllegalStateException if a block does not say what it is
     */
    static List<DocumentationBlock> of(Path page) throws IOException {
        List<DocumentationBlock> blocks = new ArrayList<>();
        List<String> given = new ArrayList<>();
        for (Matcher part = PART.matcher(Files.readString(page)); part.find(); ) {
            if (part.group(1) != null) {
                given.add(part.group(1));
                continue;
            }
            Kind kind = KINDS.get(part.group(2));
            if (kind == null) {
                throw new IllegalStateException(
                        page + ": a block begins with ```" + part.group(2) + "; it must be one of "
                                + KINDS.keySet().stream().sorted().toList());
            }
            blocks.add(new DocumentationBlock(blocks.size() + 1, kind, part.group(3), given));
            if (kind != Kind.SHOWN) {
                given.clear();
            }
        }
        return blocks;
    }
}
