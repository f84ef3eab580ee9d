package io.spikelet.job.executor;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes {@link ExecutorMetrics} through Spark's metrics system: each executor publishes its own numbers and sends
 * them to the driver, which publishes the sums over all executors, including those that have ended. The property {@code
 * spark.plugins} names this class.
 */
public final class SpikeletPlugin implements SparkPlugin {
    private static final Logger LOG = LoggerFactory.getLogger(SpikeletPlugin.class);
    private static final long INTERVAL_MILLIS = 1_000;

    @Override
    public DriverPlugin driverPlugin() {
        return new Driver();
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new Executor();
    }

    private static void register(MetricRegistry registry, Supplier<MeterReading> readings) {
        MeterReading.METRICS.forEach(name ->
                registry.register(name, (Gauge<Double>) () -> readings.get().metric(name)));
    }

    private record Told(String executor, MeterReading reading) implements Serializable {}

    private static final class Driver implements DriverPlugin {
        private final Map<String, MeterReading> last = new ConcurrentHashMap<>();

        @Override
        public Map<String, String> init(SparkContext spark, PluginContext context) {
            return Map.of();
        }

        @Override
        public void registerMetrics(String application, PluginContext context) {
            register(
                    context.metricRegistry(),
                    () -> last.values().stream().reduce(MeterReading.ZERO, MeterReading::plus));
        }

        @Override
        public Object receive(Object message) {
            if (message instanceof Told told) {
                last.put(told.executor(), told.reading());
            }
            return null;
        }
    }

    private static final class Executor implements ExecutorPlugin {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("spikelet-metrics").unstarted(task));
        private PluginContext context;
        private MeterReading told = MeterReading.ZERO;

        @Override
        public void init(PluginContext executor, Map<String, String> ignored) {
            context = executor;
            register(executor.metricRegistry(), ExecutorMetrics.ofThisJvm()::reading);
            clock.scheduleWithFixedDelay(this::tell, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void shutdown() {
            clock.shutdownNow();
        }

        private void tell() {
            MeterReading now = ExecutorMetrics.ofThisJvm().reading();
            if (now.equals(told)) {
                return;
            }
            try {
                context.send(new Told(context.executorID(), now));
                told = now;
            } catch (Exception e) { // Spark's RPC throws various exceptions; the next reading includes this one
                LOG.debug("the driver did not take the metrics", e);
            }
        }
    }
}
