/**
 * SymbolicLight V1 (arXiv 2605.21333). {@code SymbolicLightPass} is the forward pass, with its equations and the
 * classes that compute them; {@code SymbolicLightConfig} contains everything that follows from a configuration; {@code
 * SymbolicLightCheckpoint} reads the released files. Imports the contracts in model and convert, token, telemetry,
 * kernel and tensor, and no other family.
 */
package io.spikelet.engine.family.symboliclight;
