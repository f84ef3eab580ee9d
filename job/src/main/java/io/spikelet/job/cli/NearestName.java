package io.spikelet.job.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The name that was probably meant. */
final class NearestName {
    private NearestName() {}

    /** The known name that takes the fewest edits. */
    static Optional<String> of(String unknown, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String name) ->
                                LevenshteinDistance.getDefaultInstance().apply(unknown, name))
                        .thenComparing(Comparator.naturalOrder()));
    }
}
