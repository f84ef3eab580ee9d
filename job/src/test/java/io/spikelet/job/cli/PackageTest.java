package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/package}, and what runs in a folder that its archive was unpacked to. */
final class PackageTest {
    private static final Path PROJECT = Path.of("..");

    @TempDir
    private Path folder;

    private ScriptSandbox sandbox;

    @BeforeEach
    void sources() throws Exception {
        sandbox = new ScriptSandbox(folder);
        sandbox.build();
        for (String tool : new String[] {"bash", "cp", "gzip", "mkdir", "mktemp", "mv", "sha256sum", "sort", "tar"}) {
            sandbox.tool(tool);
        }
        sandbox.set("JAVA_HOME", sandbox.jdk("a", "25"));
        Files.writeString(sandbox.root().resolve("job/target/spark/jars/spark.jar"), "spark");
        Files.copy(PROJECT.resolve("pom.xml"), sandbox.root().resolve("pom.xml"), StandardCopyOption.REPLACE_EXISTING);
        // the jar is newer than the sources
        Files.setLastModifiedTime(sandbox.root().resolve("pom.xml"), FileTime.fromMillis(0));
        for (String name : List.of("LICENSE", "README.md", "CHANGELOG.md", "conf/log4j2.properties", "docs/input.md")) {
            copy(name);
        }
        copy("conf/docker/entrypoint");
        for (String name : List.of("README.md", "choice/a", "corpus/a", "models/tiny/manifest.json", "prompts/a")) {
            Path file = sandbox.root().resolve("datasets").resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
        Path weights = sandbox.root().resolve("datasets/public/large.jsonl");
        Files.createDirectories(weights.getParent());
        Files.writeString(weights, "fetched");
    }

    @Test
    void theArchiveRunsInAnyFolderWithAJdkAlone() throws Exception {
        ScriptSandbox.Result packed =
                sandbox.run("package", "--output", folder.resolve("built").toString());

        assertThat(packed.status()).as(packed.err()).isZero();
        Path archive = Path.of(packed.out().strip());
        assertThat(archive.getFileName().toString()).matches("spikelet-\\d+\\.\\d+\\.\\d+\\.tar\\.gz");
        assertThat(packed.err()).containsPattern("sha256 [0-9a-f]{64}");
        try (Stream<Path> left = Files.list(archive.getParent())) {
            assertThat(left).as("nothing beside it").containsExactly(archive);
        }

        Path elsewhere = Files.createDirectories(folder.resolve("some where else"));
        assertThat(new ProcessBuilder("tar", "-C", elsewhere.toString(), "-xzf", archive.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        Path root = elsewhere.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
        assertThat(root.resolve("VERSION"))
                .hasContent(root.getFileName().toString().substring("spikelet-".length()));
        assertThat(root.resolve("datasets/models/tiny/manifest.json")).exists();
        assertThat(root.resolve("datasets/public")).doesNotExist();
        assertThat(root.resolve("scripts/test")).doesNotExist();

        // its java prints its arguments and exits with 7; neither Maven nor the sources are there
        ScriptSandbox.Result ran = sandbox.in(root, "scripts/spikelet", "sql", "SELECT 1");
        assertThat(ran.status()).as(ran.err()).isEqualTo(7);
        assertThat(ran.out())
                .contains(
                        "-Dspikelet.home=" + root.toRealPath(),
                        root.toRealPath() + "/job/target/spikelet-job.jar:",
                        "SELECT 1");
        assertThat(ran.err()).as("no command waits for an archive").doesNotContain("recording");
        assertThat(sandbox.in(root, "scripts/build").err())
                .as("records classes, here in vain")
                .contains("recording classes");
        assertThat(sandbox.in(root, "scripts/build").err()).as("not again").doesNotContain("recording");
        ScriptSandbox.Result worker = sandbox.in(root, "conf/docker/entrypoint", "worker", "spark://host:7077");
        assertThat(worker.status()).as(worker.err()).isEqualTo(7);
        assertThat(worker.out()).contains("org.apache.spark.deploy.worker.Worker", "spark://host:7077");
        assertThat(sandbox.in(root, "conf/docker/entrypoint", "--version").out())
                .contains("io.spikelet.job.cli.Main", "--version");
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() throws Exception {
        ScriptSandbox.Result result = sandbox.run("package", "--fast");

        assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(result.err()).startsWith("spikelet: --fast is no option").hasLineCount(1);
    }

    private void copy(String name) throws Exception {
        Path file = sandbox.root().resolve(name);
        Files.createDirectories(file.getParent());
        Files.copy(PROJECT.resolve(name), file);
    }
}
