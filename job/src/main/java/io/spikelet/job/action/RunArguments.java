package io.spikelet.job.action;

import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.task.RowLimits;
import java.util.OptionalInt;

/**
 * The arguments that all runs over a dataset share.
 *
 * @param command the name of the command, for the run record
 * @param model a directory that convert wrote
 * @param output a directory that does not exist, unless the run resumes it
 * @param partitions empty for a number that suits the cores and the rows
 * @param resume how existing work is treated
 * @param limits limits of a row
 * @param progress receives a line from time to time during the work
 */
public record RunArguments(
        String command,
        ModelLocation model,
        InputSpec input,
        String output,
        OptionalInt partitions,
        ResumePolicy resume,
        RowLimits limits,
        Progress progress) {
    /** Reports a line about the work of the command. */
    void say(String what) {
        progress.accept(command + ": " + what);
    }
}
