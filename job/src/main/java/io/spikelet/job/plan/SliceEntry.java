package io.spikelet.job.plan;

import java.util.List;
import java.util.Map;

/**
 * One committed slice of a job.
 *
 * @param slice its number, from 0 over all attempts
 * @param attempt the process that did it, counted from 1
 * @param rows input rows that it finished
 * @param predictedTokens cost of its partitions as it was planned
 * @param tasks one for each of its partitions that had rows, and maybe for others
 */
public record SliceEntry(
        int slice, int attempt, long rows, Map<Integer, Long> predictedTokens, List<TaskReport> tasks) {
    public SliceEntry {
        predictedTokens = Map.copyOf(predictedTokens);
        tasks = List.copyOf(tasks);
    }
}
