package io.spikelet.engine.bench;

import java.util.Optional;

/**
 * What was measured.
 *
 * @param name of the directory
 * @param family its architecture
 * @param scheme what its matrices and their inputs are rounded to
 * @param keyValueCache what attention stores, if it stores floats
 * @param vocabulary logits that a token gets: the tokenizer's pieces, or all when there is no tokenizer
 */
public record ModelDescription(
        String name,
        String family,
        String variant,
        String scheme,
        Optional<String> keyValueCache,
        long parameters,
        long weightsBytes,
        int vocabulary) {}
