/**
 * A model directory and the contract of a family: manifest and mapped weights; {@link
 * io.spikelet.engine.model.ModelFamily}, {@link io.spikelet.engine.model.FamilyConfig}, {@link
 * io.spikelet.engine.model.LanguageModel}, {@link io.spikelet.engine.model.ForwardPass} and {@link
 * io.spikelet.engine.model.SequenceState} are what a family implements; {@link io.spikelet.engine.model.ModelFamilies}
 * is the registry that callers pass in. Imports token, telemetry, kernel and tensor.
 */
package io.spikelet.engine.model;
