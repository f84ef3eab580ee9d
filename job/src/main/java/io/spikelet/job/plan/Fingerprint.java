package io.spikelet.job.plan;

import io.spikelet.job.Redaction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that determines the results of a row, by name: model, tokenizer, sampling, protocol, seed, limit. Not the
 * partitions, the batch size, the machine or the path of the input. Immutable.
 */
public record Fingerprint(SortedMap<String, String> fields) {
    private static final String ABSENT = "(none)";

    public Fingerprint {
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    /** The fingerprint with these fields; a value is written as it prints, without passwords in addresses. */
    public static Fingerprint of(Map<String, ?> fields) {
        SortedMap<String, String> texts = new TreeMap<>();
        fields.forEach((name, value) -> texts.put(name, Redaction.addresses(String.valueOf(value))));
        return new Fingerprint(texts);
    }

    /** The differences, as {@code field: then → now}. */
    public List<String> differences(Fingerprint now) {
        TreeSet<String> names = new TreeSet<>(fields.keySet());
        names.addAll(now.fields.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String before = fields.getOrDefault(name, ABSENT);
            String after = now.fields.getOrDefault(name, ABSENT);
            if (!Objects.equals(before, after)) {
                differences.add(name + ": " + before + " → " + after);
            }
        }
        return differences;
    }
}
