package io.spikelet.job.task;

import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The filters that a task can apply to a text. */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
enum TextFilter {
    /** Without white space at either end. */
    STRIP(String::strip),
    /** Without white space at its beginning. */
    LSTRIP(String::stripLeading),
    /** The first character in upper case, all others in lower case, like Python's {@code str.capitalize}. */
    CAPITALIZE(TextFilter::capitalized),
    /** Without the WikiHow markup in HellaSwag. */
    WIKIHOW(text -> withoutBrackets(text.strip().replace(" [title]", ". ")).replace("  ", " ")),
    /** The text before the first blank, an underscore. */
    BEFORE_BLANK(text -> text.substring(0, blank(text))),
    /** The text after the first blank, without white space at either end. */
    AFTER_BLANK(text -> text.substring(blank(text) + 1).strip()),
    /** The text after the last space. */
    LAST_WORD(text -> text.substring(text.lastIndexOf(' ') + 1)),
    /** The text before the last space; empty if there is none. */
    ALL_BUT_LAST_WORD(text -> text.substring(0, Math.max(0, text.lastIndexOf(' '))));

    private static final Pattern BRACKETS = Pattern.compile("\\[[^\\]]*\\]");

    private final UnaryOperator<String> filter;

    TextFilter(UnaryOperator<String> filter) {
        this.filter = filter;
    }

    String apply(String text) {
        return filter.apply(text);
    }

    private static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return Character.toString(Character.toTitleCase(text.codePointAt(0))) + LowerCase.of(text.substring(first));
    }

    /** Without text in brackets on one line, as Python's {@code re.sub("\\[.*?\\]", "", text)}, in linear time. */
    private static String withoutBrackets(String text) {
        return Arrays.stream(text.split("\n", -1))
                .map(line -> {
                    int end = line.lastIndexOf(']') + 1; // up to here every bracket that opens is closed
                    return BRACKETS.matcher(line.substring(0, end)).replaceAll("") + line.substring(end);
                })
                .collect(Collectors.joining("\n"));
    }

    /** The filter of a name in a task file. */
    static TextFilter named(String name) {
        return Arrays.stream(values())
                .filter(filter -> filter.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("'" + Excerpt.of(name) + "' is no filter; it must be one of "
                        + Arrays.stream(values()).map(TextFilter::label).collect(Collectors.joining(", "))));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static int blank(String text) {
        int blank = text.indexOf('_');
        if (blank < 0) {
            throw new MalformedItemException("\"" + Excerpt.of(text) + "\" has no blank, which is written _");
        }
        return blank;
    }
}
