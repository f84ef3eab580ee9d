/**
 * Measures how fast the engine is on this machine, compared with the machine's limits. Imports every package of the
 * engine except the families, which the caller passes in; no package of the engine imports it.
 */
package io.spikelet.engine.bench;
