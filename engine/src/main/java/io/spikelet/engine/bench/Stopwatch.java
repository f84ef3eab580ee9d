package io.spikelet.engine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Times workloads: repetitions of a fraction of a second, the machine's own speed taken between them, so that a drift of
 * the machine shows in both and cancels in their ratio. Not thread-safe.
 */
final class Stopwatch {
    private static final int REPETITIONS = 5;
    private static final double AGREEMENT = 0.04;

    private final Machine machine;
    private final double seconds;
    private final List<MachineSpeed> speeds = new ArrayList<>();
    private final ThreadMeter meter = new ThreadMeter();

    /** @param seconds to spend on the repetitions of one figure; warming up may take as long again */
    Stopwatch(Machine machine, double seconds) {
        this.machine = machine;
        this.seconds = seconds;
    }

    /**
     * Warms up, then repeats for the time that a figure may take, and at least {@value #REPETITIONS} times unless that
     * would take eight times as long.
     *
     * @param workloads one for each thread of the crew
     */
    List<Sample> measure(Crew crew, List<? extends Workload> workloads) {
        int steps = warmUp(crew, workloads);
        List<Sample> samples = new ArrayList<>();
        long start = System.nanoTime();
        MachineSpeed before = machine.measure(crew);
        double elapsed;
        do {
            long allocated = meter.allocatedBytes();
            Duration duration = repeat(crew, workloads, steps);
            double tokens = tokensPerStep(workloads) * (double) steps;
            double perToken = (meter.allocatedBytes() - allocated) / tokens;
            MachineSpeed after = machine.measure(crew);
            samples.add(new Sample(
                    tokens * 1e9 / duration.nanos(),
                    (double) duration.coreNanos() / duration.nanos(),
                    MachineSpeed.between(before, after),
                    crew.size() == 1 ? perToken : Double.NaN));
            before = after;
            elapsed = secondsSince(start);
        } while (elapsed < seconds || (samples.size() < REPETITIONS && elapsed < 8 * seconds));
        if (crew.size() == 1) {
            samples.forEach(sample -> speeds.add(sample.speed()));
        }
        return samples;
    }

    /** What one core could read, over all figures of one thread so far. */
    Spread readBytesPerSecond() {
        return Spread.of(
                speeds.stream().mapToDouble(MachineSpeed::readBytesPerSecond).toArray());
    }

    /** What one core could multiply and add, over all figures of one thread so far. */
    Spread multiplyAddsPerSecond() {
        return Spread.of(
                speeds.stream().mapToDouble(MachineSpeed::multiplyAddsPerSecond).toArray());
    }

    /** The same for integers. */
    Spread integerMultiplyAddsPerSecond() {
        return Spread.of(speeds.stream()
                .mapToDouble(MachineSpeed::integerMultiplyAddsPerSecond)
                .toArray());
    }

    /**
     * Runs until two repetitions in a row take the same time and the compiler was idle meanwhile: two slow repetitions
     * agree as well. Returns the steps of a repetition.
     */
    private int warmUp(Crew crew, List<? extends Workload> workloads) {
        Compiler compiler = new Compiler();
        long start = System.nanoTime();
        int steps = 1;
        double last = Double.NaN;
        while (true) {
            long compiling = compiler.millis();
            machine.measure(crew); // a class that is loaded late sends the probe back to the interpreter
            long nanos = repeat(crew, workloads, steps).nanos();
            double perStep = (double) nanos / steps;
            long compiled = compiler.millis() - compiling;
            boolean agrees = Math.abs(perStep / last - 1) < AGREEMENT;
            boolean idle = compiled * 1e6 <= 0.05 * nanos;
            double elapsed = secondsSince(start);
            boolean longEnough = nanos > seconds * 1e9 / (4 * REPETITIONS);
            if ((agrees && idle && longEnough) || elapsed > seconds) {
                return stepsFor(perStep);
            }
            last = perStep;
            steps = stepsFor(perStep);
        }
    }

    /** Steps that fill a repetition, so that a few more than needed fit into a figure. */
    private int stepsFor(double nanosPerStep) {
        double wanted = seconds * 1e9 / (REPETITIONS + 2) / nanosPerStep;
        return (int) Math.clamp(wanted, 1, 1 << 20);
    }

    /**
     * How long a repetition took.
     *
     * @param nanos by the clock
     * @param coreNanos on a core, the mean of the threads
     */
    private record Duration(long nanos, long coreNanos) {}

    /** Does the steps, in as many stretches as the workloads have room for, and takes the time of these. */
    private Duration repeat(Crew crew, List<? extends Workload> workloads, int steps) {
        long nanos = 0;
        long[] coreNanos = new long[crew.size()];
        int[] rooms = new int[crew.size()];
        for (int done = 0; done < steps; ) {
            crew.run(thread -> rooms[thread] = workloads.get(thread).prepare());
            int stretch = steps - done;
            for (int room : rooms) {
                stretch = Math.min(stretch, room);
            }
            int now = stretch;
            long start = System.nanoTime();
            crew.run(thread -> {
                long from = meter.cpuNanos();
                workloads.get(thread).run(now);
                coreNanos[thread] += meter.cpuNanos() - from;
            });
            nanos += System.nanoTime() - start;
            done += stretch;
        }
        return new Duration(nanos, LongStream.of(coreNanos).sum() / crew.size());
    }

    private static int tokensPerStep(List<? extends Workload> workloads) {
        return workloads.stream().mapToInt(Workload::tokensPerStep).sum();
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
