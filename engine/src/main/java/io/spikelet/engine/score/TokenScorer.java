package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.Objects;

/**
 * Scores documents under a perplexity protocol on one thread. A token's probability is its share of the softmax over the
 * model's whole vocabulary. Passes are filled with as many windows, of as many documents, as they have room for; a
 * document's numbers do not depend on that.
 *
 * <p>Not thread-safe; one per task. The model is shared and stays open.
 */
public final class TokenScorer implements AutoCloseable {
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final PerplexityProtocol protocol;
    private final Options options;

    /**
     * @param maxColumns most positions of one pass; the memory for logits is this times the model's vocabulary
     * @param tokenScores keep what is measured of every token
     * @param timeoutSeconds most time that a document may take
     */
    public record Options(int maxColumns, boolean tokenScores, double timeoutSeconds) {
        /** Without a limit in time. */
        public Options(int maxColumns, boolean tokenScores) {
            this(maxColumns, tokenScores, Double.POSITIVE_INFINITY);
        }
    }

    /** @throws IllegalArgumentException if the tokenizer does not fit the model or the protocol */
    public TokenScorer(SpikingModel model, Tokenizer tokenizer, PerplexityProtocol protocol, Options options) {
        if (tokenizer.vocabSize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabSize() + " ids and the model "
                    + model.config().vocabSize() + "; use the tokenizer that the model was trained with");
        }
        if (protocol.prefixed() && tokenizer.bosId() < 0) {
            throw new IllegalArgumentException(
                    "protocol " + protocol.name() + " begins with BOS and the tokenizer has none");
        }
        this.decoder = new Decoder(model, options.maxColumns());
        this.tokenizer = tokenizer;
        this.protocol = protocol;
        this.options = options;
    }

    /**
     * Scores every document, reading ahead no further than one pass has room for. A document that cannot be scored gives
     * an error with one of these classes and costs no other document:
     *
     * <ul>
     *   <li>{@code null_input}: no document, row id or text
     *   <li>{@code empty_input}: a text without tokens
     *   <li>{@code timeout}: not finished within the limit
     *   <li>{@code engine_error}: the tokenizer or the forward pass failed
     * </ul>
     *
     * <p>Start one iteration at a time.
     */
    public Iterator<DocumentScore> score(Iterator<ScoringDocument> documents) {
        return new Scoring(decoder, tokenizer, protocol, options, Objects.requireNonNull(documents));
    }

    @Override
    public void close() {
        decoder.close();
    }
}
