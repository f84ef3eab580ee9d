package io.spikelet.engine.decode;

/** Why a completion ended. */
public enum FinishReason {
    STOP("stop"),
    LENGTH("length"),
    ERROR("error");

    private final String label;

    FinishReason(String label) {
        this.label = label;
    }

    /** The value in the {@code completions} table. */
    public String label() {
        return label;
    }
}
