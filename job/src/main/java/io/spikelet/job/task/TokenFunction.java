package io.spikelet.job.task;

import io.spikelet.job.executor.ModelHandle;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.api.java.UDF1;

/** The token ids of a text, without BOS; null for null. The model is leased until the running task ends. */
public final class TokenFunction implements UDF1<String, int[]> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelHandle> handle;
    private transient Leased leased;

    public TokenFunction(Broadcast<ModelHandle> handle) {
        this.handle = handle;
    }

    @Override
    public synchronized int[] call(String text) {
        if (text == null) {
            return null;
        }
        TaskContext context = TaskContext.get();
        if (context == null) {
            try (TaskModel model = TaskModel.lease(handle.value())) {
                return model.tokenizer().encode(text);
            }
        }
        if (leased == null || leased.attempt != context.taskAttemptId()) {
            leased = new Leased(context.taskAttemptId(), TaskModel.lease(handle.value()));
        }
        return leased.model.tokenizer().encode(text);
    }

    private record Leased(long attempt, TaskModel model) {}
}
