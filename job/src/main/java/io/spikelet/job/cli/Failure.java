package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.RunStoppedException;
import io.spikelet.job.UsageException;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * The exit status and message for an exception.
 *
 * @param status see {@link ExitStatus}
 * @param line one line, bounded and without control characters
 */
record Failure(int status, String line) {
    Failure {
        line = MessageText.line(line);
    }

    /**
     * Bad input is what validation throws: {@link UsageException}, {@link IllegalArgumentException} with a message, and
     * files that are missing, in the way or not readable. Everything else is a run that failed.
     */
    static Failure of(Throwable thrown) {
        return of(thrown, false);
    }

    /** @param hasBatches whether the command has an option --batch-size */
    static Failure of(Throwable thrown, boolean hasBatches) {
        Throwable cause = unwrap(thrown);
        if (cause instanceof RunStoppedException) {
            return new Failure(ExitStatus.STOPPED, cause.getMessage());
        }
        return fileProblem(cause)
                .or(() -> argumentProblem(cause))
                .map(message -> new Failure(ExitStatus.BAD_INPUT, message))
                .orElseGet(() -> new Failure(ExitStatus.RUN_FAILED, "the run failed: " + describe(thrown, hasBatches)));
    }

    private static Throwable unwrap(Throwable thrown) {
        boolean wrapper = thrown instanceof UncheckedIOException || thrown instanceof ExecutionException;
        return wrapper && thrown.getCause() != null ? unwrap(thrown.getCause()) : thrown;
    }

    private static Optional<String> argumentProblem(Throwable cause) {
        boolean isArgument = cause instanceof UsageException || cause instanceof IllegalArgumentException;
        return isArgument ? Optional.ofNullable(cause.getMessage()) : Optional.empty();
    }

    /** The JDK's messages are bare paths. */
    private static Optional<String> fileProblem(Throwable cause) {
        return Optional.ofNullable(
                switch (cause) {
                    case NoSuchFileException e -> withReason("no such file or folder: " + e.getFile(), e);
                    case FileAlreadyExistsException e ->
                        withReason(e.getFile() + " exists already and is never overwritten; name another", e);
                    case NotDirectoryException e -> withReason("not a folder: " + e.getFile(), e);
                    case DirectoryNotEmptyException e -> withReason("the folder is not empty: " + e.getFile(), e);
                    case AccessDeniedException e -> withReason("no permission for " + e.getFile(), e);
                    case FileNotFoundException e -> "cannot open " + e.getMessage();
                    default -> null;
                });
    }

    private static String withReason(String problem, FileSystemException thrown) {
        return thrown.getReason() == null ? problem : problem + " (" + thrown.getReason() + ")";
    }

    private static String describe(Throwable thrown, boolean hasBatches) {
        Throwable cause = unwrap(thrown);
        if (cause instanceof OutOfMemoryError) {
            return "out of memory with a limit of "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MB (" + cause.getMessage() + "); "
                    + (hasBatches ? "lower --batch-size, or " : "")
                    + "raise the limit with SPIKELET_JAVA_OPTS=-Xmx…";
        }
        boolean addsNothing = cause == thrown || cause.toString().equals(thrown.getMessage());
        return (addsNothing ? "" : thrown.getMessage() + ": ") + firstLine(cause);
    }

    /** Spark appends whole stack traces to its messages; the first line says what happened. */
    private static String firstLine(Throwable cause) {
        String name = cause.getClass().getSimpleName();
        if (cause.getMessage() == null) {
            return name;
        }
        String line = cause.getMessage().strip().lines().findFirst().orElse("");
        return cause instanceof RunFailedException ? line : name + ": " + line;
    }
}
