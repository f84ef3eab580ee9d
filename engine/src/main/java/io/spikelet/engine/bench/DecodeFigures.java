package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Measures decoding at every context and batch, and the memory that a decoder uses meanwhile. */
final class DecodeFigures {
    private static final double HEAP_SHARE = 0.8;

    private final BenchmarkContext session;
    private final List<DecodeFigure> figures = new ArrayList<>();
    private final List<DenseTwinFigure> twins = new ArrayList<>();
    private SpikeStatistics fired;
    private OptionalDouble residentOverhead = OptionalDouble.empty();
    private long stateBytes;

    DecodeFigures(BenchmarkContext session) {
        this.session = session;
        this.fired = SpikeStatistics.none(session.model.config().populations());
    }

    /**
     * Decodes at every context on one thread, at the first context also in turns with the dense twin, and then on two
     * threads.
     */
    void measure() {
        List<ContextSpan> spans = session.options.contexts().stream()
                .map(context -> ContextSpan.near(context, session.model.config()))
                .distinct()
                .toList();
        try (DenseTwinFigures twin = DenseTwinFigures.open(session).orElse(null)) {
            measureAlone(spans.getFirst(), twin);
        }
        for (ContextSpan span : spans.subList(1, spans.size())) {
            measureAlone(span, null);
        }
        List<Integer> batches = session.options.pairBatches();
        if (!batches.isEmpty() && Runtime.getRuntime().availableProcessors() < 2) {
            session.note("two decoders on two threads: left out, this JVM may use one processor only");
        } else if (!batches.isEmpty()) {
            measurePair(spans.getFirst());
        }
    }

    List<DecodeFigure> figures() {
        return figures;
    }

    /** The comparisons with the dense twin, by batch; empty without a dense twin. */
    List<DenseTwinFigure> twins() {
        return twins;
    }

    SpikeStatistics fired() {
        return fired;
    }

    OptionalDouble residentOverheadBytes() {
        return residentOverhead;
    }

    long stateBytes() {
        return stateBytes;
    }

    /** @param twin to measure as well; null for none */
    private void measureAlone(ContextSpan span, DenseTwinFigures twin) {
        int most = Collections.max(session.options.batches());
        Decoder decoder = session.decoder(Math.max(most, BenchmarkContext.BLOCK));
        List<Integer> batches = thatFit(session.options.batches(), decoder, span, 1);
        if (batches.isEmpty()) {
            return;
        }
        DecoderState start = DecodeWorkload.prefilled(decoder, span, BenchmarkContext.BLOCK, BenchmarkContext.SEED);
        DecodeWorkload workload =
                new DecodeWorkload(decoder, span, start, Collections.max(batches), BenchmarkContext.SEED + 1);
        for (int batch : batches) {
            workload.batch(batch);
            List<Sample> samples = session.stopwatch.measure(session.alone, List.of(workload));
            add(batch, span, 1, samples, workload.fired());
            if (twin != null) {
                twins.addAll(twin.measure(span, workload));
            }
        }
        fired = fired.merge(workload.fired());
        if (residentOverhead.isEmpty()) {
            stateBytes = (Collections.max(batches) + 1) * decoder.stateBytes(start.maxPositions());
            residentOverhead = residentOverhead(stateBytes);
        }
    }

    private void measurePair(ContextSpan span) {
        int most = Collections.max(session.options.pairBatches());
        Decoder[] decoders = new Decoder[2];
        for (int i = 0; i < decoders.length; i++) {
            decoders[i] = session.decoder(Math.max(most, BenchmarkContext.BLOCK));
        }
        List<Integer> batches = thatFit(session.options.pairBatches(), decoders[0], span, decoders.length);
        if (batches.isEmpty()) {
            return;
        }
        List<DecodeWorkload> workloads = new ArrayList<>();
        for (int i = 0; i < decoders.length; i++) {
            DecoderState start =
                    DecodeWorkload.prefilled(decoders[i], span, BenchmarkContext.BLOCK, BenchmarkContext.SEED + i);
            workloads.add(new DecodeWorkload(
                    decoders[i], span, start, Collections.max(batches), BenchmarkContext.SEED + decoders.length + i));
        }
        try (Crew crew = new Crew(decoders.length)) {
            for (int batch : batches) {
                workloads.forEach(workload -> workload.batch(batch));
                List<Sample> samples = session.stopwatch.measure(crew, workloads);
                add(batch, span, crew.size(), samples, workloads.getFirst().fired());
            }
        }
    }

    private void add(int batch, ContextSpan span, int threads, List<Sample> samples, SpikeStatistics spikes) {
        TokenCost cost = session.costs.decode(batch, span.first(), span.steps(), spikes);
        DecodeFigure figure =
                new DecodeFigure(batch, span.context(), threads, Throughput.of(samples, cost, session.integers));
        figures.add(figure);
        session.progress("decode, batch %d, context %d, threads %d: %.1f tokens/s"
                .formatted(
                        batch,
                        span.context(),
                        threads,
                        figure.throughput().tokensPerSecond().median()));
    }

    /** The batches whose states fit into the heap in addition to everything else. */
    private List<Integer> thatFit(List<Integer> batches, Decoder decoder, ContextSpan span, int decoders) {
        System.gc(); // the states of earlier figures are garbage by now
        Runtime jvm = Runtime.getRuntime();
        double free = HEAP_SHARE * jvm.maxMemory() - (jvm.totalMemory() - jvm.freeMemory());
        double each = (double) decoder.stateBytes(2 * span.end()) * decoders; // capacity comes in steps
        List<Integer> fitting = new ArrayList<>();
        for (int batch : batches) {
            double needed = (batch + 1) * each;
            if (needed <= free) {
                fitting.add(batch);
            } else {
                session.note(
                        "decode, batch %d, context %d, threads %d: left out, the states would take %.1f GB of the heap of %.1f GB; raise it with SPIKELET_JAVA_OPTS=-Xmx…"
                                .formatted(batch, span.context(), decoders, needed / 1e9, jvm.maxMemory() / 1e9));
            }
        }
        return fitting;
    }

    private static OptionalDouble residentOverhead(long states) {
        HeapTrim.run(); // garbage and the collector's reserve are not memory that decoding needs
        OptionalLong resident = ProcessMemory.settledAnonymousBytes();
        return resident.isPresent()
                ? OptionalDouble.of(resident.getAsLong() - (double) states)
                : OptionalDouble.empty();
    }
}
