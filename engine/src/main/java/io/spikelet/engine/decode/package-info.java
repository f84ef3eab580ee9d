/**
 * Scheduling: {@link io.spikelet.engine.decode.Decoder} runs passes over columns, {@link
 * io.spikelet.engine.decode.PassScheduler} shares passes among the work in flight, {@link
 * io.spikelet.engine.decode.Generator} completes prompts; samplers, stop rules, prefix cache, memory plan. Imports
 * model, token, telemetry and kernel, and no family.
 */
package io.spikelet.engine.decode;
