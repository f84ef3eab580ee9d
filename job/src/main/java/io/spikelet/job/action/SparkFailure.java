package io.spikelet.job.action;

import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelUnavailableException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;

/** Translates a failure inside Spark into one line. */
final class SparkFailure {
    /** Classes of SQL states that blame Spark itself or the system below it. */
    private static final List<String> INTERNAL_STATES = List.of("XX", "58", "KD", "39");

    private SparkFailure() {}

    /** Runs a step before the work: errors that Spark finds there are errors of the input, unless memory ran out. */
    static <T> T asUsage(String what, Callable<T> step) {
        try {
            return step.call();
        } catch (UsageException | ModelFormatException | RunFailedException e) { // these messages are complete
            throw e;
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            if (outOfMemory(e).isPresent()) {
                throw new RunFailedException(what + ": " + line(e), e);
            }
            throw new UsageException(what + ": " + line(e), e);
        }
    }

    /** Runs the work: every failure there is a failed run. */
    static <T> T asFailedRun(Callable<T> work) {
        try {
            return work.call();
        } catch (RunFailedException | UsageException e) {
            throw e;
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            throw new RunFailedException(line(e), e);
        }
    }

    /** Runs a statement of the user: errors that Spark finds in it are wrong usage, all others a failed run. */
    static <T> T asStatement(Callable<T> statement) {
        try {
            return statement.call();
        } catch (Exception e) { // Scala throws checked exceptions that no signature shows
            if (explained(e) != null) {
                throw new UsageException("SQL: " + line(e), e);
            }
            throw new RunFailedException(line(e), e);
        }
    }

    /** The first line of the message that Spark explains the failure with, else of the innermost that says something. */
    static String line(Throwable thrown) {
        Optional<Throwable> outOfMemory = outOfMemory(thrown);
        if (outOfMemory.isPresent()) {
            return "out of memory in a task (" + outOfMemory.get().getMessage()
                    + "); lower --batch-size or --max-row-bytes, or raise the limit";
        }
        Throwable explained = explained(thrown);
        if (explained != null) {
            return firstLine(explained.getMessage());
        }
        String line = thrown.getClass().getSimpleName();
        String file = "";
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ModelUnavailableException) {
                return firstLine(cause.getMessage());
            }
            if (cause instanceof SparkThrowable spark
                    && spark.getMessageParameters().containsKey("path")) {
                file = "cannot read " + spark.getMessageParameters().get("path") + ": ";
            }
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                line = firstLine(cause.getMessage());
            }
        }
        return file + line;
    }

    private static Optional<Throwable> outOfMemory(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .filter(OutOfMemoryError.class::isInstance)
                .findFirst();
    }

    /** The cause that Spark blames on what it was given, with an error state of SQL; null if there is none. */
    private static Throwable explained(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SparkThrowable spark
                    && spark.getSqlState() != null
                    && INTERNAL_STATES.stream().noneMatch(spark.getSqlState()::startsWith)) {
                return cause;
            }
        }
        return null;
    }

    private static String firstLine(String message) {
        String line = message.strip().lines().findFirst().orElse("").strip();
        int sqlState = line.indexOf(" SQLSTATE: ");
        return sqlState < 0 ? line : line.substring(0, sqlState);
    }
}
