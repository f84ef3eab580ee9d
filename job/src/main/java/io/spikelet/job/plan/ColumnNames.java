package io.spikelet.job.plan;

import io.spikelet.job.schema.FoldedName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names under which the columns of a file pass through. Spark does not tell upper from lower case, and names that begin with
 * {@value SourceColumns#PREFIX} are reserved, so that some columns cannot keep the name that they have in the file.
 */
final class ColumnNames {
    private static final Logger LOG = LoggerFactory.getLogger(ColumnNames.class);
    /** The name of a column without one. */
    private static final String UNNAMED = "unnamed";

    private ColumnNames() {}

    /**
     * A name for each column, all different, case aside. Of names that differ in case alone the first keeps its own, but one
     * that the run asks for goes before all others; the rest get {@code _2}, {@code _3} … after them.
     *
     * @param given names in the file, in order
     * @param wanted names that the run asks for
     */
    static List<String> distinct(List<String> given, Collection<String> wanted) {
        Set<String> taken = new HashSet<>();
        String[] names = new String[given.size()];
        for (int i = 0; i < names.length; i++) {
            if (wanted.contains(given.get(i)) && taken.add(FoldedName.of(given.get(i)))) {
                names[i] = given.get(i);
            }
        }
        List<Integer> changed = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            boolean isPlain =
                    !given.get(i).isEmpty() && !FoldedName.of(given.get(i)).startsWith(SourceColumns.PREFIX);
            if (names[i] == null && isPlain && taken.add(FoldedName.of(given.get(i)))) {
                names[i] = given.get(i);
            } else if (names[i] == null) {
                changed.add(i);
            }
        }
        for (int i : changed) {
            names[i] = free(given.get(i), taken);
        }
        return List.of(names);
    }

    /** Says which columns pass through under another name. */
    static void log(List<String> given, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).equals(given.get(i))) {
                LOG.warn("the input's column \"{}\" passes through as {}", given.get(i), names.get(i));
            }
        }
    }

    private static String free(String given, Set<String> taken) {
        String plain = given.isEmpty() ? UNNAMED : given;
        String stem = FoldedName.of(plain).startsWith(SourceColumns.PREFIX)
                ? plain.substring(2)
                : plain; // without underscores
        String name = stem;
        for (int number = 2; !taken.add(FoldedName.of(name)); number++) {
            name = stem + "_" + number;
        }
        return name;
    }
}
