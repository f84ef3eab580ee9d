/**
 * SymbolicLight V1 (arXiv 2605.21333). {@code SymbolicLightPass} is the forward pass, its equations and where each
 * stands; {@code SymbolicLightConfig} is what follows from a configuration; {@code SymbolicLightCheckpoint} reads the
 * released files. Imports the contracts in model and convert, token, telemetry, kernel and tensor, and no other family.
 */
package io.spikelet.engine.family.symboliclight;
