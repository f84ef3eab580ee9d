package io.spikelet.job.task;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a task may do to a text on its way into a prompt. */
enum TextFilter {
    /** Without white space at either end. */
    STRIP {
        @Override
        String apply(String text) {
            return text.strip();
        }
    },
    /** Without white space at its beginning. */
    LSTRIP {
        @Override
        String apply(String text) {
            return text.stripLeading();
        }
    },
    /** The first character in upper case, all others in lower case, like Python's {@code str.capitalize}. */
    CAPITALIZE {
        @Override
        String apply(String text) {
            if (text.isEmpty()) {
                return text;
            }
            int first = text.offsetByCodePoints(0, 1);
            return Character.toString(Character.toTitleCase(text.codePointAt(0)))
                    + text.substring(first).toLowerCase(Locale.ROOT);
        }
    },
    /** Without the marks that WikiHow pages left in HellaSwag. */
    WIKIHOW {
        @Override
        String apply(String text) {
            String plain = text.strip().replace(" [title]", ". ");
            return BRACKETS.matcher(plain).replaceAll("").replace("  ", " ");
        }
    },
    /** What stands before the first blank, an underscore. */
    BEFORE_BLANK {
        @Override
        String apply(String text) {
            return text.substring(0, blank(text));
        }
    },
    /** What stands after the first blank, without white space at either end. */
    AFTER_BLANK {
        @Override
        String apply(String text) {
            return text.substring(blank(text) + 1).strip();
        }
    },
    /** What follows the last space. */
    LAST_WORD {
        @Override
        String apply(String text) {
            return text.substring(text.lastIndexOf(' ') + 1);
        }
    },
    /** What stands before the last space; nothing if there is none. */
    ALL_BUT_LAST_WORD {
        @Override
        String apply(String text) {
            return text.substring(0, Math.max(0, text.lastIndexOf(' ')));
        }
    };

    private static final Pattern BRACKETS = Pattern.compile("\\[.*?]");

    abstract String apply(String text);

    /** The filter of a name in a task file. */
    static TextFilter named(String name) {
        return Arrays.stream(values())
                .filter(filter -> filter.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("'" + name + "' is no filter; it must be one of "
                        + Arrays.stream(values()).map(TextFilter::label).collect(Collectors.joining(", "))));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static int blank(String text) {
        int blank = text.indexOf('_');
        if (blank < 0) {
            throw new MalformedItemException("\"" + text + "\" has no blank, which is written _");
        }
        return blank;
    }
}
