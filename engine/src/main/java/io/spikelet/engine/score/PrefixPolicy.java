package io.spikelet.engine.score;

import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The prefix token of a text, for protocols that have one. */
public enum PrefixPolicy {
    /** BOS, or EOS if the tokenizer has no BOS. */
    AUTO,
    BOS,
    EOS,
    /** No token: the first one of a text is context only. */
    NONE;

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The policy with a name on the command line.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PrefixPolicy named(String label) {
        return Arrays.stream(values())
                .filter(policy -> policy.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--prefix is '" + label + "'; it must be one of "
                        + Arrays.stream(values()).map(PrefixPolicy::label).collect(Collectors.joining(", "))));
    }

    /**
     * The prefix token; empty for none.
     *
     * @throws IllegalArgumentException if the tokenizer does not have it
     */
    public OptionalInt token(Tokenizer tokenizer) {
        int id = switch (this) {
            case AUTO -> tokenizer.bosId() >= 0 ? tokenizer.bosId() : tokenizer.eosId();
            case BOS -> tokenizer.bosId();
            case EOS -> tokenizer.eosId();
            case NONE -> -1;
        };
        if (id < 0 && this != NONE) {
            throw new IllegalArgumentException("--prefix is " + label() + " and the tokenizer has no such token; use "
                    + NONE.label() + ", which leaves the first token of a text unscored");
        }
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
