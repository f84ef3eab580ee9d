package io.spikelet.engine.bench;

import io.spikelet.engine.kernel.MachineProbe;
import io.spikelet.engine.model.ModelManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.DoubleSupplier;

/**
 * Measures the machine itself, in bursts that are short enough to run between the repetitions of a figure. Reads the
 * same pages of the page cache that the model maps, and counts CPU time, not elapsed time. Not thread-safe; it runs on
 * the threads of the crew that it is given.
 */
final class Machine implements AutoCloseable {
    private static final long READ_NANOS = 5_000_000; // of each try
    private static final long MULTIPLY_ADD_NANOS = 2_000_000;
    private static final int TRIES = 3; // the best one counts, since a bound is what is possible
    private static final double MIN_READ_SHARE = 0.2; // other cores use a part of the memory bandwidth
    private static final double MIN_MULTIPLY_ADD_SHARE = 0.5;
    private static final int RETRIES = 100;
    private static final long CHUNK = 1 << 17;
    private static final int STEPS = 10_000;

    private final ThreadMeter meter = new ThreadMeter();
    private final DoubleAccumulator bestRead = new DoubleAccumulator(Math::max, 0);
    private final DoubleAccumulator bestMultiplyAdd = new DoubleAccumulator(Math::max, 0);
    private final DoubleAccumulator bestIntegers = new DoubleAccumulator(Math::max, 0);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment weights;
    private final long part; // bytes of the file for each stream
    private long next; // where the next burst continues, so that no part of the file stays in a cache

    @SuppressWarnings("unused") // the results must be used, or the compiler removes the reads
    private volatile long sink;

    Machine(Path modelDirectory) {
        Path file = modelDirectory.resolve(ModelManifest.WEIGHTS_FILE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            weights = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot map " + file, e);
        }
        part = weights.byteSize() / MachineProbe.STREAMS / MachineProbe.STRIDE * MachineProbe.STRIDE;
        for (long at = 0; at < part; at += CHUNK) {
            read(at); // the first touch of a page costs more than reading it
        }
    }

    /** Measures the current speed: all threads of the crew first read and then multiply, at the same time. */
    MachineSpeed measure(Crew crew) {
        MachineSpeed[] speeds = new MachineSpeed[crew.size()];
        long first = next;
        crew.run(thread -> {
            long from = (first + part / crew.size() * thread) % part;
            double read = plausible(() -> readSpeed(from, thread == 0), bestRead, MIN_READ_SHARE);
            double multiplyAdd = plausible(this::multiplyAddSpeed, bestMultiplyAdd, MIN_MULTIPLY_ADD_SHARE);
            double integers = plausible(this::integerSpeed, bestIntegers, MIN_MULTIPLY_ADD_SHARE);
            speeds[thread] = new MachineSpeed(read, multiplyAdd, integers);
        });
        double bytes = 0;
        double multiplyAdds = 0;
        double integers = 0;
        for (MachineSpeed speed : speeds) {
            bytes += speed.readBytesPerSecond();
            multiplyAdds += speed.multiplyAddsPerSecond();
            integers += speed.integerMultiplyAddsPerSecond();
        }
        return new MachineSpeed(bytes, multiplyAdds, integers);
    }

    /**
     * A burst far slower than the best so far ran interpreted: loading a class late can deoptimise the probe for a
     * while. It is repeated, a limited number of times, until it is fast again.
     */
    private static double plausible(DoubleSupplier burst, DoubleAccumulator best, double share) {
        double speed = 0;
        for (int i = 0; i < TRIES || (i < RETRIES && speed < share * best.get()); i++) {
            speed = Math.max(speed, burst.getAsDouble());
        }
        best.accumulate(speed);
        return speed;
    }

    private double readSpeed(long from, boolean advance) {
        long at = from;
        long bytes = 0;
        long core = meter.cpuNanos();
        long start = System.nanoTime();
        do {
            long length = read(at);
            bytes += length;
            at = at + CHUNK < part ? at + CHUNK : 0;
        } while (System.nanoTime() - start < READ_NANOS);
        core = meter.cpuNanos() - core;
        if (advance) {
            next = at;
        }
        return bytes * 1e9 / core;
    }

    /** Reads one chunk of each part of the file, or what is left of it, and returns the number of bytes read. */
    private long read(long from) {
        long start = from / MachineProbe.STRIDE * MachineProbe.STRIDE;
        long length = Math.min(CHUNK, part - start);
        sink = MachineProbe.read(weights, start, part, length);
        return MachineProbe.STREAMS * length;
    }

    private double multiplyAddSpeed() {
        long steps = 0;
        long core = meter.cpuNanos();
        long start = System.nanoTime();
        do {
            sink = (long) MachineProbe.multiplyAdd(STEPS);
            steps += STEPS;
        } while (System.nanoTime() - start < MULTIPLY_ADD_NANOS);
        core = meter.cpuNanos() - core;
        return steps * MachineProbe.multiplyAddsPerStep() * 1e9 / core;
    }

    private double integerSpeed() {
        long steps = 0;
        long core = meter.cpuNanos();
        long start = System.nanoTime();
        do {
            sink = (long) MachineProbe.multiplyAddIntegers(STEPS);
            steps += STEPS;
        } while (System.nanoTime() - start < MULTIPLY_ADD_NANOS);
        core = meter.cpuNanos() - core;
        return steps * MachineProbe.integerMultiplyAddsPerStep() * 1e9 / core;
    }

    @Override
    public void close() {
        arena.close();
    }
}
