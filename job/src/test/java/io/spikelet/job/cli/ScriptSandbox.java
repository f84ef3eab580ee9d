package io.spikelet.job.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A copy of {@code scripts/} in a project of its own, on a machine that has only what a test puts there: no Maven, no
 * JDK, no environment.
 */
final class ScriptSandbox {
    private static final Path SCRIPTS = Path.of("../scripts");

    /** What an ended script returned and printed. */
    record Result(int status, String out, String err) {}

    private final Path folder;
    private final Path tools;
    private final Map<String, String> environment = new TreeMap<>();

    ScriptSandbox(Path folder) throws IOException {
        this.folder = folder.toRealPath();
        tools = Files.createDirectories(this.folder.resolve("tools"));
        for (String tool : new String[] {"dirname", "readlink", "find", "head", "sed", "cat", "rm"}) {
            tool(tool);
        }
        Files.createDirectories(root().resolve("scripts"));
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            for (Path script : scripts.toList()) {
                Files.copy(script, root().resolve("scripts").resolve(script.getFileName()));
            }
        }
        Files.createDirectories(root().resolve("engine/src/main"));
        Files.createDirectories(root().resolve("job/src/main"));
        Files.writeString(root().resolve("pom.xml"), "<project/>");
        environment.put("PATH", tools.toString());
        environment.put("SPIKELET_JDK_FOLDERS", "");
    }

    /** The project's folder; its name has what people's folders have, and what shells and patterns take for something else. */
    Path root() {
        return folder.resolve("the {project} [1]?");
    }

    ScriptSandbox set(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    /** A folder that looks like a JDK of a version; its {@code java} prints its arguments, one a line, and exits with 7. */
    Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve("jdks").resolve(name);
        executable(home.resolve("bin/java"), "printf '%s\\n' \"SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-}\" \"$@\"; exit 7");
        executable(home.resolve("bin/javac"), "exit 0");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    /** A JDK that is this one, but runs what this test runs instead of a built jar. */
    Path thisJdk() throws IOException {
        Path home = jdk("this", "25");
        Path classPath = Files.writeString(home.resolve("class-path"), System.getProperty("java.class.path"));
        executable(
                home.resolve("bin/java"),
                "args=()\nwhile (($# > 0)); do\n  if [[ $1 == -cp ]]; then args+=(-cp \"$(<'" + classPath
                        + "')\"); shift; else args+=(\"$1\"); fi\n  shift\ndone\nexec '"
                        + onThisJdk("java") + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \"${args[@]}\"");
        executable(home.resolve("bin/jar"), "exec '" + onThisJdk("jar") + "' \"$@\"");
        return home;
    }

    private static Path onThisJdk(String command) {
        return Path.of(System.getProperty("java.home"), "bin", command);
    }

    /** Puts a command of this machine on the PATH. */
    void tool(String name) throws IOException {
        command(name, "exec '" + onThisMachine(name) + "' \"$@\"");
    }

    /** Puts a command on the PATH. */
    void command(String name, String script) throws IOException {
        executable(tools.resolve(name), script);
    }

    /** Puts the results of a build in place. */
    void build() throws IOException {
        Files.createDirectories(root().resolve("job/target/spark/jars"));
        Files.writeString(root().resolve("job/target/spikelet-job.jar"), "");
    }

    Result run(String script, String... args) throws IOException, InterruptedException {
        return bash(Stream.concat(
                        Stream.of(root().resolve("scripts").resolve(script).toString()), Arrays.stream(args))
                .toArray(String[]::new));
    }

    /** Runs a script of an unpacked archive. */
    Result in(Path root, String script, String... args) throws IOException, InterruptedException {
        return bash(Stream.concat(Stream.of(root.resolve(script).toString()), Arrays.stream(args))
                .toArray(String[]::new));
    }

    /** Runs commands that may use the functions of {@code lib.sh}. */
    Result withLibrary(String commands) throws IOException, InterruptedException {
        return bash(
                "-c",
                "set -euo pipefail; source \"$0\"; " + commands,
                root().resolve("scripts/lib.sh").toString());
    }

    private Result bash(String... args) throws IOException, InterruptedException {
        ProcessBuilder process =
                new ProcessBuilder(Stream.concat(Stream.of(onThisMachine("bash").toString()), Arrays.stream(args))
                        .toList());
        process.environment().clear();
        process.environment().putAll(environment);
        File out = folder.resolve("out").toFile();
        File err = folder.resolve("err").toFile();
        int status = process.directory(folder.toFile())
                .redirectOutput(out)
                .redirectError(err)
                .start()
                .waitFor();
        return new Result(status, Files.readString(out.toPath()), Files.readString(err.toPath()));
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, ("#!" + onThisMachine("bash") + "\n" + script + "\n").getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path onThisMachine(String command) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + command + " on the PATH"));
    }
}
