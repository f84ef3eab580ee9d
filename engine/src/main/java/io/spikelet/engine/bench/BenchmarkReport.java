package io.spikelet.engine.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;

/**
 * What a benchmark measured. Immutable.
 *
 * @param readBytesPerSecond sequential read rate of one core, over the whole run
 * @param multiplyAddsPerSecond float32 multiply-add rate of one core, over the whole run
 * @param integerMultiplyAddsPerSecond multiply-add rate with the instructions that multiply integers
 * @param denseProducts the dense products on their own, by columns
 * @param prefill a prompt, with the logits of its last position
 * @param scoring the same with the logits of every position
 * @param decode by context, then batch; two decoders on two threads at the end
 * @param twins decoding compared with the dense products of its shape, by batch; empty for a family without a dense
 *     twin
 * @param fired spike counts over all positions that were decoded on one thread
 * @param ladder empty unless requested
 * @param notes what was left out or reduced, and why
 */
public record BenchmarkReport(
        ModelDescription model,
        MachineDescription machine,
        Spread readBytesPerSecond,
        Spread multiplyAddsPerSecond,
        Spread integerMultiplyAddsPerSecond,
        MemoryFigure memory,
        List<DenseFigure> denseProducts,
        PromptFigure prefill,
        PromptFigure scoring,
        List<DecodeFigure> decode,
        List<DenseTwinFigure> twins,
        SpikeStatistics fired,
        List<OptimizationStep> ladder,
        List<String> notes) {
    public BenchmarkReport {
        denseProducts = List.copyOf(denseProducts);
        decode = List.copyOf(decode);
        twins = List.copyOf(twins);
        ladder = List.copyOf(ladder);
        notes = List.copyOf(notes);
    }

    /** Heap bytes allocated per token in the steady state: the largest median of the figures with one thread. */
    public double allocatedBytesPerToken() {
        return decode.stream()
                .mapToDouble(figure -> figure.throughput().allocatedBytesPerToken())
                .filter(bytes -> !Double.isNaN(bytes))
                .max()
                .orElse(Double.NaN);
    }

    /** The report as one JSON object; units are in the keys. */
    public ObjectNode toJson() {
        return new ReportJson(this).build();
    }
}
