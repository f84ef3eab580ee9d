package io.spikelet.job.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the blocks of the documentation that are marked: those of a page one after the other, as a reader would, in a
 * folder with nothing but scripts and datasets.
 */
@Tag("cluster")
final class DocumentationBlocksTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(bash|java) run\n(.*?)^```$");
    private static final int MINUTES = 8;
    private static final Path ROOT = ProjectFolder.root();

    @TempDir
    private Path folder;

    @TestFactory
    List<DynamicTest> everyMarkedBlockRuns() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        for (Path page : pages) {
            if (BLOCK.matcher(Files.readString(page)).find()) {
                tests.add(DynamicTest.dynamicTest(page.getFileName().toString(), () -> run(page)));
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(2);
        return tests;
    }

    private void run(Path page) throws Exception {
        Path work = Files.createDirectory(folder.resolve(page.getFileName() + ".d"));
        for (String name : List.of("scripts", "datasets")) {
            Files.createSymbolicLink(work.resolve(name), ROOT.resolve(name));
        }
        int number = 0;
        for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
            number++;
            List<String> command = block.group(1).equals("bash")
                    ? List.of("bash", "-euo", "pipefail", "-c", block.group(2))
                    : java(work, number, block.group(2));
            requireDone(command, work, page.getFileName() + ", block " + number);
        }
    }

    /** Imports and statements as a program of their own. */
    private static List<String> java(Path work, int number, String source) throws IOException {
        StringBuilder imports = new StringBuilder();
        StringBuilder body = new StringBuilder();
        source.lines()
                .forEach(line -> (line.startsWith("import ") ? imports : body)
                        .append(line)
                        .append('\n'));
        Path file = work.resolve("Block" + number + ".java");
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

    private static void requireDone(List<String> command, Path work, String where) throws Exception {
        Path log = work.resolve("log.txt");
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
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
