package io.spikelet.engine.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.math.BigDecimal;
import java.math.MathContext;

/** A report as JSON: five significant digits, giga and mega as powers of ten, unknown values as null. */
final class ReportJson {
    private static final MathContext DIGITS = new MathContext(5);
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final BenchmarkReport report;

    ReportJson(BenchmarkReport report) {
        this.report = report;
    }

    ObjectNode build() {
        ObjectNode json = JSON.objectNode();
        json.set("model", model());
        json.set("machine", machine());
        put(json, "read_gigabytes_per_second", report.readBytesPerSecond().median() / 1e9);
        put(json, "fma_giga_per_second", report.multiplyAddsPerSecond().median() / 1e9);
        put(
                json,
                "integer_giga_per_second",
                report.integerMultiplyAddsPerSecond().median() / 1e9);
        MemoryFigure memory = report.memory();
        put(json, "map_millis", memory.mapMillis().median());
        put(json, "first_map_millis", memory.firstMapMillis());
        put(json, "resident_overhead_megabytes", memory.residentOverheadBytes().orElse(Double.NaN) / 1e6);
        put(json, "state_megabytes", memory.stateBytes() / 1e6);
        put(json, "allocated_bytes_per_token", report.allocatedBytesPerToken());
        ArrayNode dense = json.putArray("dense_products");
        report.denseProducts()
                .forEach(figure -> dense.add(throughput(
                        JSON.objectNode().put("columns", figure.columns()),
                        figure.throughput(),
                        figure.shareOfBound())));
        json.set("prefill", prompt(report.prefill()));
        json.set("scoring", prompt(report.scoring()));
        ArrayNode decode = json.putArray("decode");
        report.decode().forEach(figure -> decode.add(decode(figure)));
        if (!report.twins().isEmpty()) {
            ArrayNode twins = json.putArray("dense_twin");
            report.twins().forEach(figure -> twins.add(twin(figure)));
        }
        json.set("firing_rate", firingRates());
        if (!report.ladder().isEmpty()) {
            ArrayNode ladder = json.putArray("ladder");
            report.ladder().forEach(step -> ladder.add(step(step)));
        }
        ArrayNode notes = json.putArray("notes");
        report.notes().forEach(notes::add);
        return json;
    }

    private ObjectNode model() {
        ModelDescription model = report.model();
        return JSON.objectNode()
                .put("name", model.name())
                .put("family", model.family())
                .put("variant", model.variant())
                .put("scheme", model.scheme())
                .put("kv_cache", model.keyValueCache().orElse(null))
                .put("parameters", model.parameters())
                .put("weights_bytes", model.weightsBytes())
                .put("vocabulary", model.vocabulary());
    }

    private ObjectNode machine() {
        MachineDescription machine = report.machine();
        return JSON.objectNode()
                .put("cpu", machine.cpu())
                .put("processors", machine.processors())
                .put("java", machine.java())
                .put("heap_megabytes", machine.heapBytes() / 1_000_000)
                .put("kernels", machine.kernels());
    }

    private static ObjectNode prompt(PromptFigure figure) {
        ObjectNode json = JSON.objectNode().put("tokens", figure.tokens()).put("block", figure.block());
        return throughput(json, figure.throughput(), figure.shareOfBound());
    }

    private static ObjectNode decode(DecodeFigure figure) {
        ObjectNode json = JSON.objectNode()
                .put("batch", figure.batch())
                .put("context", figure.context())
                .put("threads", figure.threads());
        throughput(json, figure.throughput(), figure.shareOfBound());
        return json.put(
                "bound", figure.boundByMemory() ? "read" : figure.throughput().arithmeticBound());
    }

    private static ObjectNode twin(DenseTwinFigure figure) {
        ObjectNode json = JSON.objectNode()
                .put("batch", figure.batch())
                .put("context", figure.context())
                .put("steps", figure.steps());
        put(json, "speed_ratio", figure.ratio().median());
        put(json, "speed_ratio_min", figure.ratio().min());
        put(json, "speed_ratio_max", figure.ratio().max());
        return throughput(json, figure.dense(), figure.shareOfBound());
    }

    private static ObjectNode step(OptimizationStep step) {
        ObjectNode json = JSON.objectNode()
                .put("step", step.name())
                .put("kernels", step.kernels())
                .put("weights", step.weights())
                .put("skips_silent_inputs", step.skipsSilentInputs())
                .put("batch", 1)
                .put("context", step.context())
                .put("threads", 1);
        return throughput(json, step.throughput(), step.throughput().shareOfRead());
    }

    private static ObjectNode throughput(ObjectNode json, Throughput throughput, Spread shareOfBound) {
        put(json, "tokens_per_second", throughput.tokensPerSecond().median());
        put(json, "tokens_per_second_min", throughput.tokensPerSecond().min());
        put(json, "tokens_per_second_max", throughput.tokensPerSecond().max());
        put(json, "share_of_bound", shareOfBound.median());
        put(json, "core_share", throughput.coreShare());
        put(json, "share_of_read", throughput.shareOfRead().median());
        put(
                json,
                throughput.integers() ? "share_of_integers" : "share_of_fma",
                throughput.shareOfArithmetic().median());
        put(json, "bytes_per_token", throughput.cost().bytes());
        put(json, "multiply_adds_per_token", throughput.cost().multiplyAdds());
        put(json, "additions_per_token", throughput.cost().additions());
        put(json, "word_operations_per_token", throughput.cost().wordOperations());
        put(json, "allocated_bytes_per_token", throughput.allocatedBytesPerToken());
        return json.put("repetitions", throughput.repetitions());
    }

    private ObjectNode firingRates() {
        SpikeStatistics fired = report.fired();
        ObjectNode json = JSON.objectNode();
        for (Population population : fired.populations()) {
            put(json, population.name(), fired.rate(population.name()).orElseThrow());
        }
        for (Population population : fired.populations()) {
            if (population.layers() > 1) {
                ArrayNode byLayer = json.putArray(population.name() + "_by_layer");
                for (double rate : fired.rates(population.name())) {
                    byLayer.add(rounded(rate));
                }
            }
        }
        return json;
    }

    private static void put(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, rounded(value));
        } else {
            json.putNull(key);
        }
    }

    private static double rounded(double value) {
        return new BigDecimal(value).round(DIGITS).doubleValue();
    }
}
