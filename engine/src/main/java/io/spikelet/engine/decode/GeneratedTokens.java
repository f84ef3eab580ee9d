package io.spikelet.engine.decode;

import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Optional;

/** The completion of one row so far: its ids, their probabilities and its finish reason. Not thread-safe. */
final class GeneratedTokens {
    private final GenerationRequest request;
    private final int limit;
    private final LogitsProcessor rules;
    private final StopRule stop;
    private final Optional<StopStringMatcher> stopText;
    private final LogprobTrace trace; // (generated)
    private final long randomKey;
    private int[] ids = new int[16]; // (generated)
    private int count;
    private double sumLogprob;
    private FinishReason reason; // null while it continues

    /**
     * @param limit maximum number of ids to generate; 0 for a row that only scores its prompt
     * @param vocabulary ids from this one on are never produced
     */
    GeneratedTokens(
            GenerationRequest request, int limit, StopRule stop, Optional<StopStringMatcher> stopText, int vocabulary) {
        this.request = request;
        this.limit = limit;
        this.stop = stop;
        this.stopText = stopText;
        this.trace = new LogprobTrace(Math.min(request.detail().top(), vocabulary), ids.length);
        this.rules = new LogitsProcessor(request.params(), vocabulary, stop);
        this.randomKey = RowRandom.key(request.seed(), request.rowId(), request.sampleIndex());
        for (int id : request.promptIds()) {
            rules.saw(id);
        }
    }

    int count() {
        return count;
    }

    int id(int index) {
        return ids[index];
    }

    /** The ids so far. */
    int[] ids() {
        return Arrays.copyOf(ids, count);
    }

    float[] logprobs() {
        return trace.chosen(count);
    }

    TopTokens top() {
        return trace.top(count);
    }

    double sumLogprob() {
        return sumLogprob;
    }

    /** The finish reason; null while the completion continues. */
    FinishReason reason() {
        return reason;
    }

    /** Takes the next id from the logits of the last position. */
    void sample(Decoder decoder, Sampler sampler, float[] logits, int offset) {
        if (limit == 0) {
            reason = FinishReason.LENGTH;
            return;
        }
        int id = sampler.sample(logits, offset, rules, RowRandom.uniform(randomKey, count));
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count] = id;
        sumLogprob += trace.set(count, decoder.kernels(), logits, offset, decoder.vocabulary(), id);
        count++;
        rules.generated(id);
        reason = reason(id);
    }

    private FinishReason reason(int id) {
        boolean mayStop = count >= request.params().minNewTokens();
        boolean textStops = stopText.isPresent() && stopText.get().add(id, mayStop);
        if (textStops || (mayStop && stop.stops(ids, count))) {
            return FinishReason.STOP;
        }
        if (count < limit) {
            return null;
        }
        return stopText.isPresent() && stopText.get().finish() ? FinishReason.STOP : FinishReason.LENGTH;
    }

    /** The text, up to the stop string that ended it; without a tokenizer there is none. */
    String text(Optional<Tokenizer> tokenizer) {
        if (stopText.isPresent()) {
            stopText.get().finish();
            return stopText.get().text();
        }
        return tokenizer.map(t -> t.decodeAfter(request.promptIds(), ids())).orElse("");
    }
}
