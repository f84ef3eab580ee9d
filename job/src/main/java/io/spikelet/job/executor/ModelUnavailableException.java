package io.spikelet.job.executor;

/** An executor cannot load the model; the one-line message says which executor, which model and why. */
public final class ModelUnavailableException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public ModelUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
