package io.spikelet.job.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the blocks of the documentation: those of a page one after the other, as a reader would, in a folder with nothing
 * but scripts and datasets, and with what the page says is given.
 */
@Tag("cluster")
final class DocumentationBlocksTest {
    private static final int MINUTES = 8;
    private static final Path ROOT = ProjectFolder.root();
    private static final Path SHARED = ROOT.resolve("../shared").normalize();

    private static final int PAGES_AT_ONCE = 2;

    @TempDir
    private Path folder;

    @TestFactory
    List<DynamicNode> everyBlockRunsOrSaysWhyNot() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        List<DynamicNode> nodes = new ArrayList<>();
        try (ExecutorService readers = Executors.newFixedThreadPool(PAGES_AT_ONCE)) {
            for (Path page : pages) {
                List<DocumentationBlock> blocks = DocumentationBlock.of(page);
                if (!blocks.isEmpty()) {
                    nodes.add(page(page, blocks, readers));
                }
            }
            assertThat(nodes).hasSizeGreaterThanOrEqualTo(8);
        }
        return nodes;
    }

    /** Reads a page, beside others; what became of its blocks are the tests. */
    private DynamicContainer page(Path page, List<DocumentationBlock> blocks, ExecutorService readers)
            throws IOException {
        Path work = work(page);
        List<FutureTask<Void>> runs = blocks.stream()
                .map(block -> new FutureTask<Void>(() -> {
                    run(block, work);
                    return null;
                }))
                .toList();
        readers.execute(() -> runs.forEach(FutureTask::run));
        return DynamicContainer.dynamicContainer(
                page.getFileName().toString(),
                IntStream.range(0, runs.size())
                        .mapToObj(i -> DynamicTest.dynamicTest(blocks.get(i).name(), () -> result(runs.get(i)))));
    }

    private static void result(FutureTask<Void> run) throws Throwable {
        try {
            run.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private Path work(Path page) throws IOException {
        Path work = Files.createDirectory(folder.resolve(page.getFileName() + ".d"));
        for (String name : List.of("scripts", "datasets")) {
            Files.createSymbolicLink(work.resolve(name), ROOT.resolve(name));
        }
        return work;
    }

    private static void run(DocumentationBlock block, Path work) throws Exception {
        DocumentationBlock.Kind kind = block.kind();
        if (kind == DocumentationBlock.Kind.BASH_WITH_SHARED) {
            assumeTrue(Files.isDirectory(SHARED.resolve("models/tiny")), "skipped: ../shared/models/tiny is absent");
        }
        for (String given : block.given()) {
            requireDone(bash(given), work, block.name() + ", what is given");
        }
        switch (kind) {
            case BASH, BASH_WITH_SHARED -> requireDone(bash(block.text()), work, block.name());
            case JAVA -> requireDone(java(work, block.text()), work, block.name());
            case PANDAS -> python("pandas, pyarrow", block, work);
            case MATPLOTLIB -> python("matplotlib, pandas, pyarrow", block, work);
            case PYSPARK -> python("pyspark", block, work);
            case PYTHON_DUCKDB -> python("duckdb", block, work);
            case DUCKDB -> requireAnswers(block.text(), work, block.name());
            case SHOWN -> {}
        }
    }

    private static List<String> bash(String text) {
        return List.of("bash", "-euo", "pipefail", "-c", text);
    }

    private static void python(String modules, DocumentationBlock block, Path work) throws Exception {
        Process imports = new ProcessBuilder("bash", "-c", "python3 -c 'import " + modules + "'")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(imports.waitFor() == 0, "skipped: there is no python3 with " + modules);
        requireDone(List.of("python3", "-c", block.text()), work, block.name());
    }

    /** Imports and statements as a program of their own. */
    private static List<String> java(Path work, String source) throws IOException {
        StringBuilder imports = new StringBuilder();
        StringBuilder body = new StringBuilder();
        source.lines()
                .forEach(line -> (line.startsWith("import ") ? imports : body)
                        .append(line)
                        .append('\n'));
        Path file = Files.createTempDirectory(work, "java").resolve("Block.java");
        Files.writeString(file, imports + "\nvoid main() throws Exception {\n" + body + "}\n");
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + ROOT.resolve("scripts/jvm.args"),
                "-Xmx1g",
                "-cp",
                ROOT.resolve("conf") + ":" + ROOT.resolve("job/target/spikelet-job.jar") + ":"
                        + ROOT.resolve("job/target/spark/jars") + "/*",
                file.toString());
    }

    private static void requireAnswers(String queries, Path work, String where) throws Exception {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET file_search_path = '" + work + "'");
            for (String query : queries.split(";", -1)) {
                if (!query.isBlank()) {
                    try (ResultSet rows = statement.executeQuery(query)) {
                        assertThat(rows.next())
                                .as(where + ": a row of " + query)
                                .isTrue();
                    }
                }
            }
        }
    }

    private static void requireDone(List<String> command, Path work, String where) throws Exception {
        Path log = work.resolve("log.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("SHARED", SHARED.toString(), "SPIKELET_JAVA_OPTS", "-Xmx1g"));
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            assertThat(ended)
                    .as(where + " takes more than " + MINUTES + " minutes")
                    .isTrue();
            assertThat(process.exitValue())
                    .as(where + "\n" + Files.readString(log))
                    .isZero();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Where the project is, without a Spark session. */
    private static final class ProjectFolder extends SparkTest {
        static Path root() {
            return projectRoot();
        }
    }
}
