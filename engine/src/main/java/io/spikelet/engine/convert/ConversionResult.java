package io.spikelet.engine.convert;

import io.spikelet.engine.model.ModelManifest;
import java.nio.file.Path;

/**
 * A finished conversion.
 *
 * @param directory the new model directory
 * @param manifest what was written
 */
public record ConversionResult(Path directory, ModelManifest manifest) {}
