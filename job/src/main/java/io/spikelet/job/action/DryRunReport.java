package io.spikelet.job.action;

import java.util.List;

/**
 * A description of what a run would do and need.
 *
 * @param lines each with a name and numbers
 * @param textName what to call a text
 * @param firstTexts as the model would see them
 */
public record DryRunReport(List<String> lines, String textName, List<String> firstTexts) {
    public DryRunReport {
        lines = List.copyOf(lines);
        firstTexts = List.copyOf(firstTexts);
    }
}
