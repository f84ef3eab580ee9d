/**
 * The interface of tokenizers and their shared code: positions in the text, prefixes, UTF-8. The formats are in
 * subpackages. Imports nothing of the engine but messages.
 */
package io.spikelet.engine.token;
