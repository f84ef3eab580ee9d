package io.spikelet.engine.model;

import java.util.Objects;
import java.util.Optional;

/**
 * Where a model directory came from.
 *
 * @param source file name of the checkpoint, or how other weights were generated, such as preset and seed
 * @param sourceSha256 hash of the checkpoint, or of the weights that were dequantised; empty for synthetic weights
 * @param converterVersion version of the program that wrote the directory
 */
public record Provenance(String source, Optional<String> sourceSha256, String converterVersion) {
    public Provenance {
        Objects.requireNonNull(source);
        Objects.requireNonNull(sourceSha256);
        Objects.requireNonNull(converterVersion);
    }
}
