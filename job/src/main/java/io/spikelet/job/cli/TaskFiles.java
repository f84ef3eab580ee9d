package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.task.ChoiceTask;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Task files, by path, or by the name of one in {@code conf/tasks} of the checkout. */
final class TaskFiles {
    private static final String FOLDER = "conf/tasks";
    private static final String EXTENSION = ".yaml";
    private static final int MOST_BYTES = 1 << 18; // of the characters that a task may have

    private TaskFiles() {}

    /**
     * Reads a task.
     *
     * @throws UsageException if there is none or it cannot be used
     */
    static ChoiceTask read(String task) {
        Path file = file(task);
        return ChoiceTask.parse(BoundedFile.text(file, MOST_BYTES, "--task"), file.toString());
    }

    /** Prints the tasks of this installation, a line each. */
    static void list(PrintWriter out) {
        Path folder = ProjectHome.having(FOLDER)
                .map(home -> home.resolve(FOLDER))
                .orElseThrow(() -> new UsageException("there is no " + FOLDER + " here, and no task with a name"));
        names(folder).forEach(out::println);
    }

    private static Path file(String task) {
        Path path = Path.of(task);
        if (task.endsWith(EXTENSION) || task.endsWith(".yml") || path.getNameCount() > 1) {
            if (!Files.isRegularFile(path)) {
                throw new UsageException("--task " + task + " is no file");
            }
            return path;
        }
        Optional<Path> folder = ProjectHome.having(FOLDER).map(home -> home.resolve(FOLDER));
        return folder.map(tasks -> tasks.resolve(task + EXTENSION))
                .filter(Files::isRegularFile)
                .orElseThrow(() -> new UsageException("--task " + task + " is none of "
                        + folder.map(tasks -> String.join(", ", names(tasks))).orElse("(no " + FOLDER + " here)")
                        + "; name one of them or give the path of a " + EXTENSION + " file"));
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(EXTENSION))
                    .map(name -> name.substring(0, name.length() - EXTENSION.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UsageException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }
}
