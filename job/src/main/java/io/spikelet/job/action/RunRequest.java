package io.spikelet.job.action;

import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.task.RowLimits;
import java.util.OptionalInt;

/**
 * What all runs over a data set have in common.
 *
 * @param command the name of the command, for the run record
 * @param model a directory that convert wrote
 * @param output a directory that does not exist, unless the run resumes it
 * @param partitions empty for a number that suits the cores and the rows
 * @param resume how work that is done already is treated
 * @param limits what one row may cost
 * @param progress receives a line from time to time during the work
 */
public record RunRequest(
        String command,
        ModelLocation model,
        InputSpec input,
        String output,
        OptionalInt partitions,
        ResumePolicy resume,
        RowLimits limits,
        Progress progress) {}
