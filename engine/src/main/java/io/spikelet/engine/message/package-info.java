/** Shortens values from files for messages. */
package io.spikelet.engine.message;
