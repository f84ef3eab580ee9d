import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;

/**
 * Executes the notebooks of a folder with JShell, each in a shell of its own, all in this JVM and so on one Spark session.
 * Ends with status 1 at the first cell that fails. With {@code --save} the outputs are written back.
 *
 * <p>As in a Java kernel, a cell shows what it prints and the value of its last expression: images as images, all else as
 * text.
 */
public final class Notebooks {
    /** The system property in which a shell, which is in the same JVM, leaves the value of an expression. */
    private static final String VALUE = "spikelet.notebook.value";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final PrintStream OUT = System.out;
    /** What the running cell prints. */
    private static final ByteArrayOutputStream PRINTED = new ByteArrayOutputStream();

    private Notebooks() {}

    public static void main(String[] args) throws IOException {
        boolean save = List.of(args).contains("--save");
        // Once and for all: Scala's console keeps the stream that it finds first.
        System.setOut(new PrintStream(PRINTED, true, StandardCharsets.UTF_8));
        List<Path> notebooks;
        try (Stream<Path> files = Files.list(Path.of(args[0]))) {
            notebooks = files.filter(file -> file.toString().endsWith(".ipynb")).sorted().toList();
        }
        int cells = 0;
        for (Path notebook : notebooks) {
            cells += execute(notebook, save);
        }
        OUT.println(notebooks.size() + " notebooks, " + cells + " cells executed, none failed");
        System.exit(0); // Spark's threads keep running
    }

    private static int execute(Path file, boolean save) throws IOException {
        ObjectNode notebook = (ObjectNode) JSON.readTree(Files.readString(file));
        int executed = 0;
        try (JShell shell = JShell.builder().executionEngine("local").build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            for (String start : List.of("import java.util.*;", "import java.util.stream.*;", "import java.nio.file.*;")) {
                shell.eval(start);
            }
            for (JsonNode cell : notebook.get("cells")) {
                if (cell.get("cell_type").asText().equals("code")) {
                    executed++;
                    ArrayNode outputs = run(shell, source(cell), file.getFileName() + ", cell " + executed, executed);
                    ((ObjectNode) cell).put("execution_count", executed).set("outputs", outputs);
                }
            }
        }
        if (save) {
            Path partial = file.resolveSibling(file.getFileName() + ".partial");
            Files.writeString(partial, JSON.writeValueAsString(notebook) + "\n");
            Files.move(partial, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        OUT.println(file.getFileName() + ": " + executed + " cells");
        return executed;
    }

    private static String source(JsonNode cell) {
        StringBuilder source = new StringBuilder();
        cell.get("source").forEach(line -> source.append(line.asText()));
        return source.toString();
    }

    private static ArrayNode run(JShell shell, String source, String where, int number) throws IOException {
        PRINTED.reset();
        Object value = null;
        for (String snippet : snippets(shell, source)) {
            value = evaluate(shell, snippet, where);
        }
        ArrayNode outputs = JSON.createArrayNode();
        if (PRINTED.size() > 0) {
            ObjectNode output = outputs.addObject().put("output_type", "stream").put("name", "stdout");
            output.set("text", lines(PRINTED.toString(StandardCharsets.UTF_8)));
        }
        if (value != null) {
            ObjectNode output = outputs.addObject().put("output_type", "execute_result").put("execution_count", number);
            output.putObject("metadata");
            show(output.putObject("data"), value);
        }
        return outputs;
    }

    private static void show(ObjectNode data, Object value) throws IOException {
        if (value instanceof RenderedImage image) {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            data.put("image/png", Base64.getEncoder().encodeToString(png.toByteArray()));
            data.set("text/plain", lines("an image of " + image.getWidth() + " x " + image.getHeight() + " pixels"));
        } else {
            data.set("text/plain", lines(String.valueOf(value)));
        }
    }

    private static List<String> snippets(JShell shell, String source) {
        List<String> snippets = new ArrayList<>();
        for (String rest = source; !rest.isBlank(); ) {
            SourceCodeAnalysis.CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            snippets.add(info.completeness() == SourceCodeAnalysis.Completeness.EMPTY ? "" : info.source() == null ? rest : info.source());
            rest = info.source() == null ? "" : info.remaining();
        }
        return snippets;
    }

    /** The value of an expression; null for anything else. */
    private static Object evaluate(JShell shell, String snippet, String where) {
        Object value = null;
        for (SnippetEvent event : shell.eval(snippet)) {
            if (event.status() == Snippet.Status.REJECTED || event.exception() != null) {
                OUT.println(where + " failed:\n" + snippet.strip());
                shell.diagnostics(event.snippet()).forEach(problem -> OUT.println("  " + problem.getMessage(null)));
                if (event.exception() instanceof EvalException thrown) {
                    OUT.println("  " + thrown.getExceptionClassName() + ": " + thrown.getMessage());
                    Throwable cause = thrown.getCause();
                    OUT.println(cause == null ? "" : "  " + cause);
                } else if (event.exception() != null) {
                    OUT.println("  " + event.exception());
                }
                System.exit(1);
            }
            if (event.snippet().subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND
                    || event.snippet().subKind() == Snippet.SubKind.VAR_VALUE_SUBKIND) {
                System.getProperties().remove(VALUE);
                String name = event.snippet() instanceof jdk.jshell.ExpressionSnippet expression
                        ? expression.name()
                        : ((jdk.jshell.VarSnippet) event.snippet()).name();
                shell.eval("if (" + name + " != null) System.getProperties().put(\"" + VALUE + "\", " + name + ");");
                value = System.getProperties().remove(VALUE);
            }
        }
        return value;
    }

    private static ArrayNode lines(String text) {
        ArrayNode lines = JSON.createArrayNode();
        for (String line : text.split("(?<=\n)")) {
            lines.add(line);
        }
        return lines;
    }
}
