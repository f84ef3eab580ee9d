package io.spikelet.engine.score;

import io.spikelet.engine.model.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * The progress of one unit in a {@link ProgressStore}: a hash that identifies the unit, the content that the unit
 * wrote, and a hash of both. Not thread-safe.
 */
final class UnitProgress {
    private static final int HASH_BYTES = 32;

    private final ProgressStore store;
    private final UnitPlan plan;
    private final boolean tokenScores;
    private long keptNanos = System.nanoTime();
    private boolean isKept;

    /** @param tokenScores whether the unit keeps the measures of every token */
    UnitProgress(ProgressStore store, UnitPlan plan, boolean tokenScores) {
        this.store = store;
        this.plan = plan;
        this.tokenScores = tokenScores;
    }

    /** Writes the progress of a unit. */
    interface Writer {
        void write(DataOutput out) throws IOException;
    }

    /** Whether it is time to store progress. */
    boolean isDue() {
        return store != ProgressStore.NONE
                && System.nanoTime() - keptNanos >= store.interval().toNanos();
    }

    void keep(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(identity());
            writer.write(out);
            out.write(Sha256.digest().digest(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        store.keep(plan.unit().rowId(), bytes.toByteArray());
        isKept = true;
        keptNanos = System.nanoTime();
    }

    /** The progress that this process or another one wrote for this unit. */
    Optional<DataInputStream> find() {
        if (store == ProgressStore.NONE) {
            return Optional.empty();
        }
        return store.find(plan.unit().rowId()).filter(this::isOfThisUnit).map(bytes -> {
            isKept = true;
            int length = bytes.length - 2 * HASH_BYTES;
            return new DataInputStream(new ByteArrayInputStream(bytes, HASH_BYTES, length));
        });
    }

    void drop() {
        if (isKept) {
            store.drop(plan.unit().rowId());
            isKept = false;
        }
    }

    private boolean isOfThisUnit(byte[] bytes) {
        int end = bytes.length - HASH_BYTES;
        if (end < HASH_BYTES || !Arrays.equals(bytes, 0, HASH_BYTES, identity(), 0, HASH_BYTES)) {
            return false;
        }
        MessageDigest digest = Sha256.digest();
        digest.update(bytes, 0, end);
        return Arrays.equals(bytes, end, bytes.length, digest.digest(), 0, HASH_BYTES);
    }

    /** Hash of the tokens, the windows and the kind of measures. The store must distinguish models. */
    private byte[] identity() {
        MessageDigest digest = Sha256.digest();
        ByteBuffer ids = ByteBuffer.allocate(plan.sequence().length * Integer.BYTES);
        ids.asIntBuffer().put(plan.sequence());
        digest.update(ids);
        String rest = plan.prefixToken() + " " + plan.windows() + " " + tokenScores;
        return digest.digest(rest.getBytes(StandardCharsets.UTF_8));
    }
}
