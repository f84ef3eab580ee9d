package io.spikelet.engine.bench;

import java.util.Optional;

/**
 * The model that was measured.
 *
 * @param name of the directory
 * @param family its architecture
 * @param scheme number format of its matrices and their inputs
 * @param keyValueCache number format of the keys and values that attention stores; empty for a model without float keys
 *     and values
 * @param vocabulary logits computed per token: one for each piece of the tokenizer, or all if there is no tokenizer
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
