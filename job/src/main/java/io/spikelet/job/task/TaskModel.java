package io.spikelet.job.task;

import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.executor.ModelCache;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLease;
import io.spikelet.job.executor.ModelUnavailableException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.TaskCompletionListener;

/** The shared model as the running task holds it: until the task ends, however it ends. Not thread-safe. */
final class TaskModel {
    private final TaskContext task;
    private final SpikingModel spiking;
    private final Tokenizer tokenizer;

    private TaskModel(TaskContext task, SpikingModel spiking) {
        this.task = task;
        this.spiking = spiking;
        this.tokenizer = spiking.tokenizer()
                .orElseThrow(() -> new IllegalStateException(spiking.directory() + " has no tokenizer"));
    }

    /** Leases the model for the task that calls. */
    static TaskModel lease(ModelHandle handle) {
        TaskContext task = TaskContext.get();
        ModelLease lease = open(handle);
        closeAfter(task, lease);
        return new TaskModel(task, lease.model());
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

    /** Closes what the task owns when it ends, before the model is released. */
    <T extends AutoCloseable> T closeAfterTask(T owned) {
        closeAfter(task, owned);
        return owned;
    }

    /** Listeners run last first, so that what was opened on the model is closed before it. */
    static void closeAfter(TaskContext task, AutoCloseable owned) {
        TaskCompletionListener listener = ignored -> {
            try {
                owned.close();
            } catch (Exception e) {
                throw new IllegalStateException(
                        "cannot close " + owned.getClass().getSimpleName(), e);
            }
        };
        task.addTaskCompletionListener(listener);
    }
}
