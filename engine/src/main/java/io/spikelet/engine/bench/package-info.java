/**
 * How fast the engine is on this machine, beside what the machine could do at best. Imports everything of the engine
 * but families, which are handed in; nothing of the engine imports it.
 */
package io.spikelet.engine.bench;
