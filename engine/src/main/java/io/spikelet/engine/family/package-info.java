/**
 * The registry of the model families, with a subpackage for each family. Only this package names them; no other package
 * of the engine imports it.
 */
package io.spikelet.engine.family;
