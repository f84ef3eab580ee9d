/**
 * The registry of the families of models, and below it a package for each. Only this package names them; nothing of the
 * engine imports it.
 */
package io.spikelet.engine.family;
