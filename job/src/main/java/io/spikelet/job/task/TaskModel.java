package io.spikelet.job.task;

import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.executor.ModelCache;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLease;
import io.spikelet.job.executor.ModelUnavailableException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A running task's lease of the shared model, until the task ends. Outside of tasks, where the driver computes a
 * constant expression, until it is closed. Not thread-safe.
 */
final class TaskModel implements AutoCloseable {
    private final SpikingModel spiking;
    private final boolean isForShortWork;
    private final Tokenizer tokenizer;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    private TaskModel(ModelLease lease, ModelSettings settings, boolean isForShortWork) {
        this.owned.push(lease);
        SpikingModel model = lease.model().with(settings);
        this.spiking = isForShortWork ? model.forShortWork() : model;
        this.isForShortWork = isForShortWork;
        this.tokenizer = spiking.tokenizer()
                .orElseThrow(() -> new IllegalStateException(spiking.directory() + " has no tokenizer"));
    }

    /** Leases the model for the calling task. */
    static TaskModel lease(ModelHandle handle) {
        return lease(handle, false);
    }

    /** @param isForShortWork whether the work ends before the fastest kernels would be compiled */
    static TaskModel lease(ModelHandle handle, boolean isForShortWork) {
        TaskModel model = new TaskModel(open(handle), handle.settings(), isForShortWork);
        if (TaskContext.get() != null) {
            closeAfter(TaskContext.get(), model);
        }
        return model;
    }

    /** Leases a second model for the same work, until this one is closed. */
    TaskModel leaseAnother(ModelHandle handle) {
        return closeAfterTask(lease(handle, isForShortWork));
    }

    private static ModelLease open(ModelHandle handle) {
        try {
            return ModelCache.ofThisJvm().lease(handle);
        } catch (RuntimeException e) {
            BlockManagerId node = SparkEnv.get().blockManager().blockManagerId();
            throw new ModelUnavailableException(
                    "executor " + node.executorId() + " on " + node.host() + " cannot load the model " + handle.uri()
                            + ": " + e.getMessage(),
                    e);
        }
    }

    SpikingModel spiking() {
        return spiking;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Takes over what the task opened on the model: it is closed before the model is released. */
    <T extends AutoCloseable> T closeAfterTask(T opened) {
        owned.push(opened);
        return opened;
    }

    /** Closes what is owned, last opened first; closing twice has no effect. */
    @Override
    public void close() {
        while (!owned.isEmpty()) {
            close(owned.pop());
        }
    }

    /** Closes when the task ends. */
    static void closeAfter(TaskContext task, AutoCloseable owned) {
        TaskCompletionListener listener = ignored -> close(owned);
        task.addTaskCompletionListener(listener);
    }

    private static void close(AutoCloseable owned) {
        try {
            owned.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot close " + owned.getClass().getSimpleName(), e);
        }
    }
}
