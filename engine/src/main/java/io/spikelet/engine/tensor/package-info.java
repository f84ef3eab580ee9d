/**
 * Matrices in mapped memory, their element types and layouts. Imports nothing of the engine.
 */
package io.spikelet.engine.tensor;
