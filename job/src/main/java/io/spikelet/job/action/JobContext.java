package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.task.ModelTask;
import io.spikelet.job.task.ProcessorFactory;
import io.spikelet.job.task.RowCounter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * The models and the input of a job, opened. Restores the session when closed: broadcasts are destroyed, and the
 * caller's job group is set again. Not thread-safe.
 */
class JobContext implements AutoCloseable {
    private static final List<String> JOB_PROPERTIES =
            List.of("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel");

    private final SparkSession spark;
    private final RunArguments arguments;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Map<String, String> callersProperties = new HashMap<>();
    private final RunModel model;
    private final Optional<RunModel> baseline;
    private final RowCounter counter;
    private InputRows input;
    private List<String> examples = List.of();
    private Broadcast<ModelHandle> handle;
    private Broadcast<ModelHandle> baselineHandle;

    JobContext(SparkSession spark, RunArguments arguments, ModelJob job) {
        this.spark = spark;
        this.arguments = arguments;
        JOB_PROPERTIES.forEach(
                name -> callersProperties.put(name, spark.sparkContext().getLocalProperty(name)));
        var configuration = spark.sparkContext().hadoopConfiguration();
        try {
            this.model = own(RunModel.open(arguments.model(), configuration));
            this.baseline = job.baseline().map(location -> own(RunModel.open(location, configuration)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        this.counter = RowCounter.of(spark.sparkContext());
    }

    /** Registers a resource to close with this; the last one is closed first. */
    final <T extends AutoCloseable> T own(T opened) {
        owned.push(opened);
        return opened;
    }

    final void setInput(InputRows rows) {
        input = rows;
    }

    final void setExamples(List<String> texts) {
        examples = List.copyOf(texts);
    }

    /** Texts that the model reads before each row. */
    final List<String> examples() {
        return examples;
    }

    final SparkSession spark() {
        return spark;
    }

    final RunArguments arguments() {
        return arguments;
    }

    final RunModel model() {
        return model;
    }

    final FamilyConfig config() {
        return model.config();
    }

    /** The other model. */
    final RunModel baseline() {
        return baseline.orElseThrow();
    }

    /** The other model, if the job compares two. */
    final Optional<RunModel> comparedWith() {
        return baseline;
    }

    final InputRows input() {
        return input;
    }

    final RowCounter counter() {
        return counter;
    }

    /** Id of the run in its tables; null if it writes none. */
    String id() {
        return null;
    }

    /** The model for tasks. */
    final Broadcast<ModelHandle> handle() {
        if (handle == null) {
            handle = broadcast(model);
        }
        return handle;
    }

    /** The other model for tasks. */
    final Broadcast<ModelHandle> baselineHandle() {
        if (baselineHandle == null) {
            baselineHandle = broadcast(baseline());
        }
        return baselineHandle;
    }

    private Broadcast<ModelHandle> broadcast(RunModel opened) {
        Broadcast<ModelHandle> sent =
                JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(opened.handle());
        own(() -> {
            if (!spark.sparkContext().isStopped()) {
                sent.destroy();
            }
        });
        return sent;
    }

    /** Whether the work of a task ends before the fastest kernels would be compiled. */
    boolean isShort() {
        return false;
    }

    /** A task that does some work with the model. */
    final ModelTask task(ProcessorFactory work) {
        return new ModelTask(handle(), work, id(), arguments.limits(), counter, isShort());
    }

    /** Describes the next jobs in Spark's UI. */
    final void describe(String step) {
        spark.sparkContext().setJobDescription(arguments.command() + ": " + step);
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                RuntimeException unchecked = e instanceof RuntimeException own ? own : new IllegalStateException(e);
                if (failure == null) {
                    failure = unchecked;
                } else {
                    failure.addSuppressed(unchecked);
                }
            }
        }
        callersProperties.forEach((name, value) -> spark.sparkContext().setLocalProperty(name, value));
        if (failure != null) {
            throw failure;
        }
    }
}
