/**
 * SentencePiece BPE from a .model file. Imports token.
 */
package io.spikelet.engine.token.sentencepiece;
