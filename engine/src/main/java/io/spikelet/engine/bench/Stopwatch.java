package io.spikelet.engine.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Times workloads in repetitions of a fraction of a second. The machine's own speed is measured between them, so that
 * drift of the machine affects both and cancels in their ratio. Not thread-safe.
 */
final class Stopwatch {
    private static final int REPETITIONS = 5;
    private static final double AGREEMENT = 0.04;

    private final Machine machine;
    private final double seconds;
    private final List<MachineSpeed> speeds = new ArrayList<>();
    private final ThreadMeter meter = new ThreadMeter();

    /** @param seconds to spend on the repetitions of one figure; the warm-up may take the same time in addition */
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
        return measureInTurns(crew, List.of(workloads)).getFirst();
    }

    /**
     * The same for several figures, whose repetitions take turns, so that a busy machine slows all of them alike.
     *
     * @param figures for each figure, one workload for each thread of the crew
     * @return the samples of each figure; samples of the same turn have the same index
     */
    List<List<Sample>> measureInTurns(Crew crew, List<? extends List<? extends Workload>> figures) {
        int[] steps =
                figures.stream().mapToInt(workloads -> warmUp(crew, workloads)).toArray();
        List<List<Sample>> samples = new ArrayList<>();
        figures.forEach(workloads -> samples.add(new ArrayList<>()));
        double limit = seconds * figures.size();
        long start = System.nanoTime();
        MachineSpeed before = machine.measure(crew);
        double elapsed;
        do {
            for (int i = 0; i < steps.length; i++) {
                List<? extends Workload> workloads = figures.get(i);
                long allocated = meter.allocatedBytes();
                Duration duration = repeat(crew, workloads, steps[i]);
                double tokens = tokensPerStep(workloads) * (double) steps[i];
                double perToken = (meter.allocatedBytes() - allocated) / tokens;
                MachineSpeed after = machine.measure(crew);
                Sample sample = new Sample(
                        tokens * 1e9 / duration.nanos(),
                        (double) duration.coreNanos() / duration.nanos(),
                        MachineSpeed.between(before, after),
                        crew.size() == 1 ? perToken : Double.NaN);
                samples.get(i).add(sample);
                before = after;
            }
            elapsed = secondsSince(start);
        } while (elapsed < limit || (samples.getFirst().size() < REPETITIONS && elapsed < 8 * limit));
        if (crew.size() == 1) {
            samples.forEach(figure -> figure.forEach(sample -> speeds.add(sample.speed())));
        }
        return samples;
    }

    /** Sequential read rate of one core, over all figures of one thread so far. */
    Spread readBytesPerSecond() {
        return Spread.of(
                speeds.stream().mapToDouble(MachineSpeed::readBytesPerSecond).toArray());
    }

    /** Float32 multiply-add rate of one core, over all figures of one thread so far. */
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
     * Runs until two repetitions in a row take about the same time and the compiler was idle meanwhile, because two
     * interpreted repetitions would agree as well. Returns the steps of a repetition.
     */
    private int warmUp(Crew crew, List<? extends Workload> workloads) {
        Compiler compiler = new Compiler();
        long start = System.nanoTime();
        int steps = 1;
        double last = Double.NaN;
        while (true) {
            long compiling = compiler.millis();
            machine.measure(crew); // a class that is loaded late deoptimises the probe
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

    /** Steps of a repetition, chosen so that two more repetitions than required fit into a figure. */
    private int stepsFor(double nanosPerStep) {
        double wanted = seconds * 1e9 / (REPETITIONS + 2) / nanosPerStep;
        return (int) Math.clamp(wanted, 1, 1 << 20);
    }

    /**
     * How long a repetition took.
     *
     * @param nanos elapsed time
     * @param coreNanos CPU time, the mean of the threads
     */
    private record Duration(long nanos, long coreNanos) {}

    /** Runs and times the steps, in parts as long as the workloads have capacity for. */
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
