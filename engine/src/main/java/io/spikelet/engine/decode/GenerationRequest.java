package io.spikelet.engine.decode;

/**
 * One row to complete.
 *
 * @param rowId identifies the row; with the seed it determines every random number of the row
 * @param promptIds token ids with BOS, at least one; not copied, not modified
 * @param sampleIndex 0 for the first completion of a row
 * @param detail what the completion contains in addition to its tokens
 */
@SuppressWarnings("ArrayRecordComponent") // an id array is the prompt; requests are never compared
public record GenerationRequest(
        String rowId, int[] promptIds, SamplingParams params, long seed, int sampleIndex, LogprobDetail detail) {
    /** Without further detail. */
    public GenerationRequest(String rowId, int[] promptIds, SamplingParams params, long seed, int sampleIndex) {
        this(rowId, promptIds, params, seed, sampleIndex, LogprobDetail.NONE);
    }

    /** Whether the samples before this one come first. */
    boolean isLaterTrial() {
        return params.policy().continuesTrials() && sampleIndex > 0;
    }

    /** Another sample of the same prompt. */
    GenerationRequest ofSample(int index) {
        return new GenerationRequest(rowId, promptIds, params, seed, index, detail);
    }
}
