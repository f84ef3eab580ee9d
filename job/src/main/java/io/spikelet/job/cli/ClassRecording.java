package io.spikelet.job.cli;

import io.spikelet.job.action.Demo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the JVM that records the class archive runs (scripts/lib.sh): the commands that people begin with, on the bundled
 * data.
 */
final class ClassRecording {
    private ClassRecording() {}

    /** @param args a folder for results, and that of the checkout */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        String model = Path.of(args[1], Demo.MODEL).toString();
        String demo = folder.resolve("demo").toString();
        run("demo", "--output", demo);
        run("report", demo + "/generate", "-o", folder.resolve("generate.html").toString());
        run(
                "report",
                demo + "/perplexity",
                "-o",
                folder.resolve("perplexity.html").toString());
        run("sql", "--results", demo + "/perplexity", "SELECT * FROM summary");
        Path texts = Files.writeString(folder.resolve("texts.json"), "[\"Call me Ishmael.\"]");
        run(
                "tokenize",
                "--tokenizer",
                model,
                "--texts",
                texts.toString(),
                "--output",
                folder.resolve("ids.json").toString());
        run("inspect", model);
        run("--help");
    }

    private static void run(String... command) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        int status = Main.run(nowhere, nowhere, command);
        if (status != ExitStatus.DONE) {
            System.exit(status);
        }
    }
}
