package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/} on machines that lack something. */
final class ScriptsTest {
    @TempDir
    private Path folder;

    private ScriptSandbox sandbox;

    @BeforeEach
    void prepare() throws IOException {
        sandbox = new ScriptSandbox(folder);
    }

    @Test
    void noJdkAtAllIsOneLineAndStatusTwo() throws Exception {
        for (String script : new String[] {"spikelet", "build", "test"}) {
            assertRefused(sandbox.run(script), "no JDK 25 or newer: install one, or set JAVA_HOME");
        }
    }

    @Test
    void anOldJdkIsNamedInTheLine() throws Exception {
        sandbox.set("JAVA_HOME", sandbox.jdk("old", "17.0.15")).set("SPIKELET_JDK_FOLDERS", folder.resolve("jdks"));

        assertRefused(sandbox.run("spikelet", "--help"), "no JDK 25 or newer (found only release 17)");
    }

    @Test
    void aRuntimeWithoutACompilerIsNotAJdk() throws Exception {
        Path home = sandbox.jdk("runtime", "25.0.1");
        Files.delete(home.resolve("bin/javac"));

        assertRefused(sandbox.set("JAVA_HOME", home).run("spikelet"), "no JDK 25");
    }

    @Test
    void anOldJavaHomeGivesWayToANewerJdkInTheUsualFolders() throws Exception {
        Path newer = sandbox.jdk("newer", "25.0.3");
        sandbox.set("JAVA_HOME", sandbox.jdk("old", "1.8.0_402"))
                .set("SPIKELET_JDK_FOLDERS", "/nowhere:" + folder + "/jdks");

        assertThat(foundHome()).isEqualTo(newer.toString());
    }

    @Test
    void javaHomeComesBeforeThePathAndThePathBeforeTheFolders() throws Exception {
        Path onPath = sandbox.jdk("on-path", "26-ea");
        Files.createSymbolicLink(folder.resolve("tools/java"), onPath.resolve("bin/java"));
        sandbox.jdk("a-first-in-the-folder", "25");
        sandbox.set("SPIKELET_JDK_FOLDERS", folder.resolve("jdks"));
        assertThat(foundHome()).isEqualTo(onPath.toString());

        Path chosen = sandbox.jdk("chosen", "27");
        sandbox.set("JAVA_HOME", chosen);
        assertThat(foundHome()).isEqualTo(chosen.toString());
    }

    @Test
    void aJdkWithoutAReleaseFileIsAsked() throws Exception {
        Path home = sandbox.jdk("asked", "");
        Files.delete(home.resolve("release"));
        Files.writeString(
                home.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21 LTS' >&2\n");

        sandbox.set("JAVA_HOME", home);
        assertThat(foundHome()).isEqualTo(home.toString());
    }

    @Test
    void noMavenIsOneLineAndStatusTwo() throws Exception {
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25"));

        for (String script : new String[] {"spikelet", "build", "test"}) {
            assertRefused(sandbox.run(script), "no mvn on the PATH: install it");
        }
    }

    @Test
    void runsTheBuiltJarWithEveryFlagAndPassesTheExitStatusOn() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25")).set("SPIKELET_JAVA_OPTS", "-Xmx8g  -Da=b");

        ScriptSandbox.Result result = sandbox.run("spikelet", "sql", "SELECT * FROM runs");

        String root = sandbox.root().toString();
        assertThat(result.out().lines())
                .startsWith("SPARK_LOCAL_IP=127.0.0.1")
                .contains("-Dspikelet.home=" + root, "-Xmx8g", "-Da=b")
                .endsWith("io.spikelet.job.cli.Main", "sql", "SELECT * FROM runs")
                .contains(root + "/job/target/spikelet-job.jar:" + root + "/job/target/spark/jars/*")
                .contains("-Dlog4j2.configurationFile=" + root + "/conf/log4j2.properties");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isEqualTo(7);
    }

    @Test
    void argumentsKeepTheirCharactersWithoutALocale() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.thisJdk());
        for (String locale : new String[] {null, "C", "POSIX", "C.UTF-8"}) {
            if (locale != null) {
                sandbox.set("LC_ALL", locale);
            }
            ScriptSandbox.Result result = sandbox.run("spikelet", "inspect", "naïve-ü-日本-😀");

            assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
            assertThat(result.err()).as("LC_ALL " + locale).contains("naïve-ü-日本-😀");
        }
        sandbox.set("LC_ALL", "C");
        ScriptSandbox.Result printed = sandbox.run(
                "spikelet",
                "generate",
                "--print-config",
                "--model",
                "m",
                "--input",
                "i",
                "--output",
                "o",
                "--template",
                "{q} – 日本",
                "--stop",
                "né",
                "--stop",
                "😀");
        assertThat(printed.out()).as(printed.err()).contains("\"{q} – 日本\"", "[\"né\",\"😀\"]");
    }

    @Test
    void argumentsThatTheJvmHasLostAreRefused() throws Exception {
        for (String[] words :
                new String[][] {{"generate", "--template", "{q} é"}, {"generate", "--stop", "日本"}, {"inspect", "naïve"}
                }) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:TieredStopAtLevel=1"));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
            command.addAll(List.of(words));
            ProcessBuilder java = new ProcessBuilder(command).redirectErrorStream(true);
            java.environment().put("LC_ALL", "C");
            Process process = java.start();

            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains(
                            "spikelet: argument " + words.length + " has characters that the locale of this JVM",
                            "set LC_ALL=C.UTF-8")
                    .hasLineCount(1);
            assertThat(process.waitFor()).isEqualTo(ExitStatus.BAD_INPUT);
        }
    }

    @Test
    void aProjectInAFolderWithAColonIsRefused() throws Exception {
        Path root = Files.move(sandbox.root(), folder.resolve("10:30"));
        Process script = new ProcessBuilder(
                        "bash", root.resolve("scripts/spikelet").toString(), "--help")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("spikelet: the project is in ")
                .contains("10:30", "rename it");
        assertThat(script.waitFor()).isEqualTo(2);
    }

    @Test
    void commandsThatRunNoKernelsHaveAJvmThatIsQuickToStart() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25"));
        String all = "@" + sandbox.root() + "/scripts/jvm.args";

        for (String[] line : new String[][] {
            {"sql", "SELECT 1"},
            {"--verbose", "report", "out"},
            {"inspect", "m"},
            {"plan", "--help"},
            {"generate", "-h"},
            {}
        }) {
            assertThat(sandbox.run("spikelet", line).out().lines())
                    .contains("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
                    .doesNotContain(all, "--add-modules=jdk.incubator.vector");
        }
        for (String command : new String[] {"generate", "perplexity", "demo", "bench", "logits", "convert"}) {
            assertThat(sandbox.run("spikelet", command, "sql").out().lines())
                    .contains(all)
                    .doesNotContain("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
        }
        sandbox.set("SPIKELET_JAVA_OPTS", "-XX:+UseParallelGC");
        assertThat(sandbox.run("spikelet", "sql", "SELECT 1").out().lines()).doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void theClassArchiveOfOtherJarsOrOfAnotherJdkIsNeverUsed() throws Exception {
        for (String tool : new String[] {"sha256sum", "sort"}) {
            sandbox.tool(tool);
        }
        sandbox.build();
        Path jar = sandbox.root().resolve("job/target/spikelet-job.jar");
        Path library = Files.writeString(sandbox.root().resolve("job/target/spark/jars/a.jar"), "one");
        FileTime built = Files.getLastModifiedTime(jar);
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25.0.1"));
        assertThat(archive()).isEmpty();
        Path archive = Path.of(sandbox.withLibrary("use_jdk; class_archive").out());
        Files.writeString(archive, "classes");
        assertThat(archive()).containsExactly("-XX:AOTCache=" + archive);
        String[] submit = {"--master", "local[1]", "--", "generate"};
        assertThat(sandbox.run("submit", submit).out()).contains("-XX:AOTCache=" + archive);
        Path other = Files.createDirectories(sandbox.root().resolveSibling("other-spark/jars"));
        Files.copy(library, other.resolve("a.jar"));
        sandbox.set("SPARK_HOME", other.getParent().toString());
        assertThat(sandbox.run("submit", submit).out())
                .contains("SparkSubmit")
                .as("the jars of another Spark")
                .doesNotContain("-XX:AOTCache");

        Files.writeString(jar, "rebuilt");
        Files.setLastModifiedTime(jar, built);
        assertThat(archive()).as("a jar of other content").isEmpty();
        Files.writeString(jar, "");
        Files.setLastModifiedTime(jar, built);
        assertThat(archive()).hasSize(1);

        Files.writeString(library, "two");
        assertThat(archive()).as("a library of another time").isEmpty();

        Path again = Path.of(sandbox.withLibrary("use_jdk; class_archive").out());
        assertThat(again).isNotEqualTo(archive);
        Files.writeString(again, "classes");
        assertThat(archive()).containsExactly("-XX:AOTCache=" + again);
        sandbox.set("JAVA_HOME", sandbox.jdk("26", "26"));
        assertThat(archive()).as("another JDK").isEmpty();
    }

    private List<String> archive() throws Exception {
        ScriptSandbox.Result result = sandbox.run("spikelet", "generate");
        assertThat(result.err()).isEmpty();
        return result.out()
                .lines()
                .filter(flag -> flag.startsWith("-XX:AOTCache="))
                .toList();
    }

    @Test
    void keepsTheLocalAddressThatIsSet() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25")).set("SPARK_LOCAL_IP", "10.0.0.5");

        assertThat(sandbox.run("spikelet").out()).startsWith("SPARK_LOCAL_IP=10.0.0.5\n");
    }

    @Test
    void buildsWhenASourceIsNewerAndKeepsStandardOutputForTheCommand() throws Exception {
        sandbox.build();
        Path jar = sandbox.root().resolve("job/target/spikelet-job.jar");
        Files.writeString(sandbox.root().resolve("engine/src/main/New.java"), "class New {}");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
        sandbox.command("mvn", "printf '\\033[0m\\033[1;31m' >&2; echo \"maven $*\"; echo built > '" + jar + "'");
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25"));

        ScriptSandbox.Result first = sandbox.run("spikelet", "--help");
        ScriptSandbox.Result second = sandbox.run("spikelet", "--help");

        assertThat(first.err())
                .contains("spikelet: building", "maven ", "-DskipTests package")
                .doesNotContain("\033");
        assertThat(first.out()).doesNotContain("maven").endsWith("--help\n");
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
    }

    @Test
    void aFailedBuildIsAFailedRun() throws Exception {
        sandbox.command("mvn", "echo '[ERROR] it broke'; exit 1");
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25"));

        ScriptSandbox.Result result = sandbox.run("spikelet", "--help");

        assertThat(result.status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(result.err())
                .contains("[ERROR] it broke")
                .endsWith("the build failed; the output of Maven is above\n");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void theTestCommandPassesItsArgumentsToMavenVerify() throws Exception {
        sandbox.command("mvn", "printf '%s\\n' \"$JAVA_HOME\" \"$@\"");
        Path home = sandbox.jdk("25", "25");

        assertThat(sandbox.set("JAVA_HOME", home)
                        .run("test", "-pl", "engine")
                        .out()
                        .lines())
                .startsWith(home.toString())
                .contains(sandbox.root() + "/pom.xml")
                .endsWith("verify", "-pl", "engine");
    }

    @Test
    void submitSendsTheCommandWithTheSettingsOfTheMaster() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25")).set("SPIKELET_JAVA_OPTS", "-Xmx3g");

        ScriptSandbox.Result result = sandbox.run(
                "submit", "--master", "spark://far:7077", "--conf", "a=b c", "--", "sql", "SELECT 1 -- one");

        String root = sandbox.root().toString();
        assertThat(result.out().lines())
                .contains("-XX:TieredStopAtLevel=1", "-Xmx3g", "org.apache.spark.deploy.SparkSubmit")
                .containsSequence("--properties-file", root + "/conf/standalone.conf")
                .containsSequence("--master", "spark://far:7077", "--conf", "a=b c")
                .endsWith(root + "/job/target/spikelet-job.jar", "sql", "SELECT 1 -- one");
        assertThat(result.status()).isEqualTo(7);
    }

    @Test
    void submitWithoutAMasterOrWithOneItCannotServeIsRefused() throws Exception {
        sandbox.build();
        sandbox.set("JAVA_HOME", sandbox.jdk("25", "25")).set("SPIKELET_CLUSTER_DIR", folder.resolve("state"));

        assertRefused(sandbox.run("submit", "generate"), "no cluster is up: start one with scripts/cluster up");
        assertRefused(sandbox.run("submit", "--master", "local"), "put options of spark-submit before --");
        assertRefused(sandbox.run("submit", "--master", "mesos://a", "--", "sql"), "the master is mesos://a");
        assertRefused(sandbox.run("submit", "--master", "yarn", "--", "sql"), "no spark-yarn jar: set SPARK_HOME");
    }

    @Test
    void clusterRefusesWhatItDoesNotKnowAndReportsThatNothingIsUp() throws Exception {
        sandbox.set("SPIKELET_CLUSTER_DIR", folder.resolve("state"));

        assertRefused(
                sandbox.run("cluster", "start"), "start is not a command; use scripts/cluster up, status or down");
        assertRefused(sandbox.run("cluster", "up", "--workers"), "the option --workers needs a value");
        assertRefused(sandbox.run("cluster", "up", "--workers", "0"), "0 is not a number of workers");
        assertThat(sandbox.run("cluster", "status").status()).isEqualTo(1);
        assertThat(sandbox.run("cluster", "down").status()).isZero();
    }

    private String foundHome() throws IOException, InterruptedException {
        return sandbox.withLibrary("use_jdk; printf %s \"$JAVA_HOME\"").out();
    }

    private static void assertRefused(ScriptSandbox.Result result, String part) {
        assertThat(result.err()).startsWith("spikelet: ").contains(part).endsWith("\n");
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
    }
}
