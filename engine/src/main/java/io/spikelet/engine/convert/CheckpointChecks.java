package io.spikelet.engine.convert;

import io.spikelet.engine.convert.CheckpointMapping.ExpectedEntry;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.engine.model.FamilyConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares a checkpoint with its configuration, and reports all problems at once. */
final class CheckpointChecks {
    private static final int CHUNK = 1 << 16;
    private static final int MOST_LISTED = 10;

    private final Checkpoint checkpoint;
    private final List<String> problems = new ArrayList<>();
    private final float[] chunk = new float[CHUNK];

    private CheckpointChecks(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Reads every value once.
     *
     * @throws CheckpointFormatException that lists all problems
     */
    static void check(Checkpoint checkpoint, CheckpointMapping mapping, FamilyConfig config, String where) {
        CheckpointChecks checks = new CheckpointChecks(checkpoint);
        Map<String, ExpectedEntry> expected = mapping.expected(config);
        Map<String, ExpectedEntry> optional = mapping.optional(config);
        expected.forEach(checks::checkEntry);
        optional.forEach((name, entry) -> {
            if (checkpoint.tensors().containsKey(name)) {
                checks.checkEntry(name, entry);
            }
        });
        Set<String> unexpected = new HashSet<>(checkpoint.tensors().keySet());
        unexpected.removeAll(expected.keySet());
        unexpected.removeAll(optional.keySet());
        unexpected.stream().sorted().forEach(checks::addUnexpected);
        for (Checkpoint.Member member : checkpoint.members()) {
            if (!member.intact()) {
                checks.problems.add("damaged: member " + Excerpt.of(member.name()) + " fails its checksum");
            }
        }
        if (!checks.problems.isEmpty()) {
            throw new CheckpointFormatException(where + " does not fit its configuration (variant "
                    + config.variant() + "), " + checks.problems.size()
                    + (checks.problems.size() == 1 ? " problem: " : " problems: ")
                    + checks.firstProblems() + ". Give the right --config or --variant, or save it again");
        }
        mapping.check(config, checkpoint);
    }

    private String firstProblems() {
        int more = problems.size() - MOST_LISTED;
        String listed = String.join("; ", problems.subList(0, Math.min(problems.size(), MOST_LISTED)));
        return more > 0 ? listed + "; and " + more + " more" : listed;
    }

    private void checkEntry(String name, ExpectedEntry expected) {
        SourceTensor tensor = checkpoint.tensors().get(name);
        if (tensor == null && !expected.isWeight()) {
            return; // buffers are often not saved
        }
        if (tensor == null) {
            problems.add("missing: " + name + " " + expected.shape());
        } else if (!tensor.shape().equals(expected.shape())) {
            problems.add("shape: " + name + " is " + Excerpt.of(tensor.shape()) + ", expected " + expected.shape());
        } else if (expected.isWeight() && !tensor.type().isWeight()) {
            problems.add("type: " + name + " is " + tensor.type() + ", expected FLOAT32, FLOAT16 or BFLOAT16");
        } else if (expected.isWeight()) {
            checkFinite(tensor);
        }
    }

    private void addUnexpected(String name) {
        problems.add("unexpected: " + Excerpt.of(name) + " "
                + Excerpt.of(checkpoint.tensors().get(name).shape()));
    }

    private void checkFinite(SourceTensor tensor) {
        long count = 0;
        String first = "";
        for (int row = 0; row < tensor.rows(); row++) {
            for (int from = 0; from < tensor.columns(); from += CHUNK) {
                int length = Math.min(CHUNK, tensor.columns() - from);
                tensor.read(row, from, length, chunk);
                for (int i = 0; i < length; i++) {
                    if (!Float.isFinite(chunk[i])) {
                        first = count == 0 ? chunk[i] + " at [" + row + ", " + (from + i) + "]" : first;
                        count++;
                    }
                }
            }
        }
        if (count > 0) {
            problems.add("not finite: " + tensor.name() + " has " + count + " such values, the first " + first);
        }
    }
}
