/**
 * GPT-2's byte-level BPE from {@code vocab.json} and {@code merges.txt} or from {@code tokenizer.json}. Imports the
 * interface and the text functions of {@code engine.token}, and Jackson to read the files.
 */
package io.spikelet.engine.token.bytelevel;
