package io.spikelet.job.executor;

import io.spikelet.engine.model.SpikingModel;

/** The right to use a shared model until closed; closing twice has no effect. Not thread-safe; one per task. */
public final class ModelLease implements AutoCloseable {
    private final ModelCache cache;
    private final ModelHandle handle;
    private final SpikingModel model;
    private boolean closed;

    ModelLease(ModelCache cache, ModelHandle handle, SpikingModel model) {
        this.cache = cache;
        this.handle = handle;
        this.model = model;
    }

    /** The model; the holder of the lease must not close it. */
    public SpikingModel model() {
        return model;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cache.release(handle);
        }
    }
}
