package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.StopTokens;
import io.spikelet.engine.token.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * When the published programs end a completion. 0.8B: at EOS, or at the assistant stop once the text of the last ids
 * contains it. 194M: at id 2. Any other sampler follows the model's variant. Source: section 7 of the specification.
 */
final class SymbolicLightStops {
    static final String ASSISTANT_STOP = "<|endofassistant|>";

    private static final int DEFAULT_EOS = 2; // upstream's, for a model without a tokenizer and for every 194M

    private SymbolicLightStops() {}

    static StopTokens of(SamplerPolicy policy, Variant release, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        boolean isSmall = policy instanceof SymbolicLightSampler
                ? policy == SymbolicLightSampler.V194M
                : release == Variant.V194M;
        return isSmall ? StopTokens.at(DEFAULT_EOS) : large(eos, tokenizer);
    }

    private static StopTokens large(OptionalInt eos, Optional<Tokenizer> tokenizer) {
        int own = tokenizer.map(Tokenizer::eosId).filter(id -> id >= 0).orElse(DEFAULT_EOS);
        int stop = tokenizer.map(SymbolicLightStops::assistantStop).orElse(StopTokens.NONE);
        return new StopTokens(eos.orElse(own), stop, ASSISTANT_STOP);
    }

    private static int assistantStop(Tokenizer tokenizer) {
        OptionalInt id = tokenizer.id(ASSISTANT_STOP);
        // like upstream, checks the id, because a tokenizer may return its unknown id for an unknown piece
        boolean known = id.isPresent() && tokenizer.piece(id.getAsInt()).equals(ASSISTANT_STOP);
        return known ? id.getAsInt() : StopTokens.NONE;
    }
}
