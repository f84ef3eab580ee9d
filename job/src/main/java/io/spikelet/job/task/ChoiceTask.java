package io.spikelet.job.task;

import io.spikelet.engine.score.ChoiceItem;
import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * How items of a dataset become contexts and continuations. Immutable; serialized to the tasks.
 *
 * @param source of the task, exactly, for the fingerprint
 * @param text the column that must contain text
 * @param choices templates, one per choice; empty if {@code choicesColumn} has them or there are none
 * @param choicesColumn a column with a list of choices, or null
 * @param delimiter between context and continuation
 * @param filters applied to each complete context and continuation
 * @param answer null for a task without choices
 * @param normalized whether accuracies by length are meaningful: not if all continuations are the same
 * @param fewshotSplit a file of items for examples, in the folder of the input unless it is absolute; or null
 * @param fewshotDelimiter after each example
 */
public record ChoiceTask(
        String name,
        String source,
        String text,
        ChoiceTemplate context,
        ChoiceTemplate continuation,
        List<ChoiceTemplate> choices,
        String choicesColumn,
        String delimiter,
        List<TextFilter> filters,
        ChoiceAnswer answer,
        boolean normalized,
        String fewshotSplit,
        String fewshotDelimiter)
        implements Serializable {
    /** An item as a question: the choices to score, and the correct one. */
    record Question(List<String> contexts, List<String> continuations, Integer target) {}

    public ChoiceTask {
        choices = List.copyOf(choices);
        filters = List.copyOf(filters);
    }

    /** Reads a task file, see {@code conf/tasks}. */
    public static ChoiceTask parse(String yaml, String origin) {
        return ChoiceTaskReader.read(yaml, origin);
    }

    /** Whether there is only one continuation, which is correct if greedy decoding gives it. */
    public boolean isCloze() {
        return answer == null;
    }

    /**
     * Checks that an input has the columns of the task.
     *
     * @param passThrough its columns other than {@link #text}
     * @throws UsageException if it has not
     */
    public void requireColumns(StructType passThrough) {
        ItemFields fields = new ItemFields(text, passThrough);
        List<String> paths = new ArrayList<>(context.paths());
        paths.addAll(continuation.paths());
        choices.forEach(choice -> paths.addAll(choice.paths()));
        paths.forEach(path -> fields.requireScalar(path, name));
        if (choicesColumn != null) {
            fields.requireTexts(choicesColumn, name);
        }
        if (answer instanceof ChoiceAnswer.Number number) {
            fields.requireScalar(number.column(), name);
        }
        if (answer instanceof ChoiceAnswer.Label label) {
            fields.requireScalar(label.column(), name);
            if (label.labelsColumn() != null) {
                fields.requireTexts(label.labelsColumn(), name);
            }
        }
    }

    /**
     * @throws MalformedItemException if the item is not a question
     * @throws DeadlineException if the filters take too long
     */
    Question question(ItemFields fields, Row item, Deadline deadline) {
        List<String> contexts = new ArrayList<>();
        List<String> continuations = new ArrayList<>();
        for (String choice : choices(fields, item, deadline)) {
            contexts.add(filtered(context.render(fields, item, choice, deadline), deadline));
            continuations.add(filtered(continuation.render(fields, item, choice, deadline), deadline));
        }
        if (isCloze()) {
            return new Question(contexts, continuations, null);
        }
        int target = answer.index(fields, item);
        if (target < 0 || target >= continuations.size()) {
            throw new MalformedItemException(
                    "choice " + (target + 1) + " is said to be right; there are " + continuations.size() + " choices");
        }
        return new Question(contexts, continuations, target);
    }

    /**
     * An item with its correct choice.
     *
     * @param item a row of an input
     * @param passThrough columns of the input other than {@link #text}
     * @throws UsageException if the item is not a question
     */
    public String example(Row item, StructType passThrough) {
        try {
            return example(question(new ItemFields(text, passThrough), item, Deadline.NONE));
        } catch (MalformedItemException e) {
            throw new UsageException(
                    "the item " + item.getString(SourceRow.ROW_ID) + " cannot be an example: " + e.getMessage(), e);
        }
    }

    /** A question with its correct choice. */
    String example(Question question) {
        int right = isCloze() ? 0 : question.target();
        return question.contexts().get(right)
                + delimiter
                + question.continuations().get(right);
    }

    /**
     * An item as the model sees it, for display: a line for each choice, or its error.
     *
     * @param item a row of an input
     * @param passThrough columns of the input other than {@link #text}
     */
    public String rendered(Row item, StructType passThrough) {
        try {
            return item("", question(new ItemFields(text, passThrough), item, Deadline.NONE), "").requests().stream()
                    .map(request -> request.context() + request.continuation())
                    .collect(Collectors.joining("\n"));
        } catch (MalformedItemException e) {
            return "(" + e.getMessage() + ")";
        }
    }

    /**
     * What the engine scores for a question.
     *
     * @param before text before each context
     */
    ChoiceItem item(String rowId, Question question, String before) {
        List<ChoiceItem.Request> requests = new ArrayList<>();
        for (int i = 0; i < question.continuations().size(); i++) {
            requests.add(new ChoiceItem.Request(
                    before + question.contexts().get(i),
                    delimiter + question.continuations().get(i)));
        }
        return new ChoiceItem(rowId, requests);
    }

    private List<String> choices(ItemFields fields, Row item, Deadline deadline) {
        if (isCloze()) {
            return List.of("");
        }
        return choicesColumn != null
                ? fields.texts(item, choicesColumn)
                : choices.stream()
                        .map(choice -> choice.render(fields, item, null, deadline))
                        .toList();
    }

    private String filtered(String text, Deadline deadline) {
        String filtered = text;
        for (TextFilter filter : filters) {
            deadline.check();
            filtered = filter.apply(filtered);
        }
        return filtered;
    }
}
