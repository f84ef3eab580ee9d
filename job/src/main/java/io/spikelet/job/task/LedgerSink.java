package io.spikelet.job.task;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.plan.Ledger;
import io.spikelet.job.plan.ShardCommit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.immutable.Map$;

/**
 * Writes the rows of {@link ModelTask}s so that those of a task are durable when it commits. A task writes one Parquet file
 * under a name that no other attempt has; Spark's commit coordinator lets one attempt of each task commit; then the driver
 * has {@link Ledger} name the file. A failure in between leaves a file that is never read.
 */
public final class LedgerSink implements TableProvider {
    private static final String LEDGER = "ledger";
    private static final String ATTEMPT = "attempt";

    /** Ledgers that are being written, by their folders: Spark creates the sink itself and passes strings to it. */
    private static final Map<String, Ledger> OPEN = new ConcurrentHashMap<>();

    /** Writes rows that come from a {@link ModelTask}, a shard in each partition. */
    public static void write(Dataset<Row> rows, Ledger ledger, int attempt) {
        OPEN.put(ledger.folder(), ledger);
        try {
            rows.write()
                    .format(LedgerSink.class.getName())
                    .option(LEDGER, ledger.folder())
                    .option(ATTEMPT, attempt)
                    .mode(SaveMode.Append)
                    .save();
        } finally {
            OPEN.remove(ledger.folder());
        }
    }

    @Override
    public StructType inferSchema(CaseInsensitiveStringMap options) {
        return new StructType();
    }

    @Override
    public boolean supportsExternalMetadata() {
        return true;
    }

    @Override
    public Table getTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
        return new SupportsWrite() {
            @Override
            public String name() {
                return properties.get(LEDGER);
            }

            @Override
            @SuppressWarnings("deprecation") // Spark calls this one of the two methods first
            public StructType schema() {
                return schema;
            }

            @Override
            public Set<TableCapability> capabilities() {
                return Set.of(TableCapability.BATCH_WRITE, TableCapability.ACCEPT_ANY_SCHEMA);
            }

            @Override
            public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
                return new WriteBuilder() {
                    @Override
                    public Write build() {
                        return new Write() {
                            @Override
                            public BatchWrite toBatch() {
                                return new Commits(info);
                            }
                        };
                    }
                };
            }
        };
    }

    /** A task's commit on its way to the driver. */
    private record Committed(ShardCommit commit) implements WriterCommitMessage {}

    /**
     * The driver's side. A separate thread writes the ledger, because Spark's scheduler waits for the calling thread;
     * commits that arrive meanwhile are written as one entry.
     */
    private static final class Commits implements BatchWrite {
        private final SparkSession spark = SparkSession.active();
        private final LogicalWriteInfo info;
        private final Ledger ledger;
        private final Queue<ShardCommit> pending = new ConcurrentLinkedQueue<>();
        private final ExecutorService writer = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().daemon().name("spikelet-ledger").unstarted(task));
        private volatile Throwable failure;

        Commits(LogicalWriteInfo info) {
            this.info = info;
            this.ledger = OPEN.get(info.options().get(LEDGER));
        }

        @Override
        public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo physical) {
            int attempt = info.options().getInt(ATTEMPT, 1);
            try {
                Job job = Job.getInstance(spark.sparkContext().hadoopConfiguration());
                OutputWriterFactory parquet =
                        new ParquetFileFormat().prepareWrite(spark, job, Map$.MODULE$.empty(), info.schema());
                return new Shards(
                        parquet,
                        info.schema(),
                        ledger.rows(attempt),
                        attempt,
                        new SerializableConfiguration(job.getConfiguration()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot prepare " + ledger.folder(), e);
            }
        }

        @Override
        public void onDataWriterCommit(WriterCommitMessage message) {
            requireNoFailure();
            pending.add(((Committed) message).commit());
            writer.execute(this::append);
        }

        private void append() {
            List<ShardCommit> commits = new ArrayList<>();
            for (ShardCommit commit = pending.poll(); commit != null; commit = pending.poll()) {
                commits.add(commit);
            }
            try {
                if (!commits.isEmpty() && failure == null) {
                    ledger.append(commits);
                }
            } catch (Throwable e) { // also an Error: a commit that is not in the ledger must fail the run
                failure = e;
            }
        }

        private void requireNoFailure() {
            if (failure != null) {
                throw failure instanceof RuntimeException known
                        ? known
                        : new RunFailedException("the ledger was not written to the end: " + failure, failure);
            }
        }

        @Override
        public void commit(WriterCommitMessage[] messages) {
            close();
            requireNoFailure();
        }

        /** Commits are never undone. */
        @Override
        public void abort(WriterCommitMessage[] messages) {
            close();
        }

        private void close() {
            writer.shutdown();
            try {
                writer.awaitTermination(Long.MAX_VALUE, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                failure = e;
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Creates the writer of a task; serialized to the task. */
    private record Shards(
            OutputWriterFactory parquet,
            StructType schema,
            String folder,
            int attempt,
            SerializableConfiguration configuration)
            implements DataWriterFactory {
        @Override
        public DataWriter<InternalRow> createWriter(int partition, long taskId) {
            return new Shard(this, partition, taskId);
        }
    }

    /** Writes the file of a task, if it has rows. Not thread-safe. */
    private static final class Shard implements DataWriter<InternalRow> {
        private final Shards shards;
        private final Path file;
        private final TaskAttemptContextImpl context;
        private OutputWriter writer;

        Shard(Shards shards, int partition, long taskId) {
            this.shards = shards;
            this.context = new TaskAttemptContextImpl(
                    shards.configuration().value(), new TaskAttemptID("spikelet", 0, TaskType.MAP, partition, 0));
            String name = String.format(Locale.ROOT, "%06d-%d-%s", partition, taskId, UUID.randomUUID());
            this.file = new Path(shards.folder(), name + shards.parquet().getFileExtension(context));
        }

        @Override
        public void write(InternalRow row) {
            try {
                if (writer == null) {
                    TaskContext.get().killTaskIfInterrupted(); // a run that has ended has no folder any more
                    writer = shards.parquet().newInstance(file.toString(), shards.schema(), context);
                }
                writer.write(row);
            } catch (OutOfMemoryError e) {
                throw GuardedRows.outOfMemory(e);
            }
        }

        @Override
        public WriterCommitMessage commit() {
            String name = null;
            if (writer != null) {
                writer.close();
                writer = null;
                name = file.getParent().getName() + "/" + file.getName();
            }
            TaskContext task = TaskContext.get();
            return new Committed(TaskMeter.of(task).commit(name, shards.attempt(), task));
        }

        @Override
        public void abort() throws IOException {
            try {
                close();
            } finally {
                file.getFileSystem(shards.configuration().value()).delete(file, false);
            }
        }

        @Override
        public void close() {
            if (writer != null) {
                writer.close();
                writer = null;
            }
        }
    }
}
