/**
 * The interface of tokenizers and what all of them share: places in the text, prefixes, UTF-8. The formats are packages
 * below. Imports nothing of the engine but messages.
 */
package io.spikelet.engine.token;
