package io.spikelet.job.action;

import java.util.List;

/**
 * What a run would do and take, for people.
 *
 * @param lines each with a name and numbers
 * @param textName what to call a text
 * @param firstTexts as the model would see them
 */
public record Plan(List<String> lines, String textName, List<String> firstTexts) {
    public Plan {
        lines = List.copyOf(lines);
        firstTexts = List.copyOf(firstTexts);
    }
}
