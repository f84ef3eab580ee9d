package io.spikelet.engine.decode;

import io.spikelet.engine.model.Variant;
import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * When a completion ends by itself, as upstream decides it. Immutable and thread-safe.
 *
 * <p>0.8B: at EOS, or at the assistant stop once the text of the last four ids shows it. 194M: at id 2. Both: at further
 * ids that the row names.
 */
final class StopRule {
    static final String ASSISTANT_STOP = "<|endofassistant|>";

    private static final int DEFAULT_EOS = 2; // upstream's, for a model without a tokenizer and for every 194M
    private static final int NONE = -1;
    private static final int DECODED_IDS = 4;

    private final int eos;
    private final int assistantStop;
    private final int[] furtherIds;
    private final Optional<Tokenizer> tokenizer;

    private StopRule(int eos, int assistantStop, int[] furtherIds, Optional<Tokenizer> tokenizer) {
        this.eos = eos;
        this.assistantStop = assistantStop;
        this.furtherIds = furtherIds;
        this.tokenizer = tokenizer;
    }

    /** The rule of a policy; greedy decoding follows the model's variant. */
    static StopRule of(SamplerPolicy policy, Variant variant, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return switch (policy) {
            case V0_8B -> release08b(eos, tokenizer);
            case V194M -> release194m();
            case GREEDY -> variant == Variant.V0_8B ? release08b(eos, tokenizer) : release194m();
        };
    }

    /** @param eos overrules the tokenizer's; an id outside the vocabulary never stops */
    static StopRule release08b(OptionalInt eos, Optional<Tokenizer> tokenizer) {
        int ownEos = tokenizer.map(Tokenizer::eosId).filter(id -> id >= 0).orElse(DEFAULT_EOS);
        int stop = tokenizer.map(StopRule::assistantStop).orElse(NONE);
        return new StopRule(eos.orElse(ownEos), stop, new int[0], tokenizer);
    }

    static StopRule release194m() {
        return new StopRule(DEFAULT_EOS, NONE, new int[0], Optional.empty());
    }

    /** The same, and at these ids too. */
    StopRule alsoAt(int[] ids) {
        return ids.length == 0 ? this : new StopRule(eos, assistantStop, ids.clone(), tokenizer);
    }

    private static int assistantStop(Tokenizer tokenizer) {
        OptionalInt id = tokenizer.id(ASSISTANT_STOP);
        // upstream asks back, because a tokenizer may answer an unknown piece with its unknown id
        boolean known = id.isPresent() && tokenizer.piece(id.getAsInt()).equals(ASSISTANT_STOP);
        return known ? id.getAsInt() : NONE;
    }

    /** Whether the completion {@code ids[0 .. count)} is over. */
    boolean stops(int[] ids, int count) {
        if (count == 0) {
            return false;
        }
        int last = ids[count - 1];
        if (last == eos || contains(furtherIds, last)) {
            return true;
        }
        return last == assistantStop
                && tokenizer
                        .orElseThrow()
                        .decode(ids, Math.max(0, count - DECODED_IDS), count)
                        .contains(ASSISTANT_STOP);
    }

    private static boolean contains(int[] ids, int wanted) {
        for (int id : ids) {
            if (id == wanted) {
                return true;
            }
        }
        return false;
    }

    /** All ids that can end a completion; -1 among them means none. */
    IntStream ids() {
        return IntStream.concat(IntStream.of(eos, assistantStop), Arrays.stream(furtherIds));
    }

    /** Whether upstream ends completions at the id, so that it cannot be banned. */
    boolean protects(int id) {
        return id >= 0 && (id == eos || id == assistantStop);
    }
}
