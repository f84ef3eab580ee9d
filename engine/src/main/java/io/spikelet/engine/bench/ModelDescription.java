package io.spikelet.engine.bench;

/**
 * What was measured.
 *
 * @param name of the directory
 * @param family its architecture
 * @param vocabulary logits that a token gets: the tokenizer's pieces, or all when there is no tokenizer
 */
public record ModelDescription(
        String name,
        String family,
        String variant,
        String weights,
        long parameters,
        long weightsBytes,
        int vocabulary) {}
