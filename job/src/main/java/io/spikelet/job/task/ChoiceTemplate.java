package io.spikelet.job.task;

import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.UsageException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;

/**
 * A text with columns in braces, such as {@code Question: {question}} or {@code {sentence|before_blank}{choice}}; a
 * doubled brace is a literal brace. Immutable; serialized to the tasks.
 */
record ChoiceTemplate(List<Part> parts) implements Serializable {
    /** The current choice, instead of a column. */
    static final String CHOICE = "choice";

    private static final Pattern TOKEN = Pattern.compile("\\{\\{|}}|\\{([^{}]*)}|[^{}]+|[{}]");
    private static final Pattern PATH = Pattern.compile("[A-Za-z_][\\w.]*");
    private static final Pattern FILTER = Pattern.compile("\\w+");

    /** @param path null for a literal */
    record Part(String literal, String path, List<TextFilter> filters) implements Serializable {}

    ChoiceTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a template.
     *
     * @throws UsageException if a brace has no match, or braces contain something other than a column
     */
    static ChoiceTemplate parse(String template) {
        List<Part> parts = new ArrayList<>();
        Matcher tokens = TOKEN.matcher(template);
        while (tokens.find()) {
            String token = tokens.group();
            if (tokens.group(1) != null) {
                parts.add(field(tokens.group(1), template));
            } else if (token.equals("{") || token.equals("}")) {
                throw new UsageException(
                        "'" + Excerpt.of(template) + "' has a brace without its other; write it twice to mean it");
            } else {
                parts.add(new Part(token.replace("{{", "{").replace("}}", "}"), null, List.of()));
            }
        }
        return new ChoiceTemplate(parts);
    }

    private static Part field(String field, String template) {
        String[] names = field.split("\\|", -1);
        boolean isColumn = PATH.matcher(names[0]).matches()
                && Arrays.stream(names)
                        .skip(1)
                        .allMatch(name -> FILTER.matcher(name).matches());
        if (!isColumn) {
            throw new UsageException("'{" + Excerpt.of(field) + "}' in '" + Excerpt.of(template)
                    + "' is no column with filters, such as {text|strip}");
        }
        return new Part(
                null,
                names[0],
                Arrays.stream(names).skip(1).map(TextFilter::named).toList());
    }

    /** The columns in it. */
    List<String> paths() {
        return parts.stream()
                .map(Part::path)
                .filter(path -> path != null && !path.equals(CHOICE))
                .toList();
    }

    /** Whether it contains the current choice. */
    boolean hasChoice() {
        return parts.stream().anyMatch(part -> CHOICE.equals(part.path()));
    }

    /** The text for an item and a choice, which is null if there is none. */
    String render(ItemFields fields, Row item, String choice, Deadline deadline) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(part.path() == null ? part.literal() : value(part, fields, item, choice, deadline));
        }
        return text.toString();
    }

    private static String value(Part part, ItemFields fields, Row item, String choice, Deadline deadline) {
        String value = part.path().equals(CHOICE) ? choice : fields.text(item, part.path());
        for (TextFilter filter : part.filters()) {
            deadline.check();
            value = filter.apply(value);
        }
        return value;
    }
}
