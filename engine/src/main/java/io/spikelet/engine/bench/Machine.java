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
import java.util.ArrayList;
import java.util.List;

/**
 * Times the machine itself, in bursts short enough to stand between the repetitions of a figure. It reads the same pages
 * of the page cache that the model maps. Not thread-safe; it spreads over the threads of the crew it is given.
 */
final class Machine implements AutoCloseable {
    private static final long READ_NANOS = 10_000_000;
    private static final long MULTIPLY_ADD_NANOS = 3_000_000;
    private static final long CHUNK = 1 << 20;
    private static final int STEPS = 10_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment weights;
    private final List<MachineSpeed> single = new ArrayList<>();
    private long next; // where the next burst goes on, so that no part of the file stays in a cache

    @SuppressWarnings("unused") // what is read must be used, or the compiler leaves the reads out
    private volatile long sink;

    Machine(Path modelDirectory) {
        Path file = modelDirectory.resolve(ModelManifest.WEIGHTS_FILE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            weights = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot map " + file, e);
        }
        for (long at = 0; at < weights.byteSize(); at += CHUNK) {
            read(at); // the first touch of a page costs more than reading it
        }
    }

    /** The speed right now: every thread of the crew reads, then multiplies, at the same time as the others. */
    MachineSpeed measure(Crew crew) {
        MachineSpeed[] speeds = new MachineSpeed[crew.size()];
        long first = next;
        crew.run(thread -> {
            long from = (first + weights.byteSize() / crew.size() * thread) % weights.byteSize();
            speeds[thread] = new MachineSpeed(readSpeed(from, thread == 0), multiplyAddSpeed());
        });
        double bytes = 0;
        double multiplyAdds = 0;
        for (MachineSpeed speed : speeds) {
            bytes += speed.readBytesPerSecond();
            multiplyAdds += speed.multiplyAddsPerSecond();
        }
        MachineSpeed sum = new MachineSpeed(bytes, multiplyAdds);
        if (crew.size() == 1) {
            single.add(sum);
        }
        return sum;
    }

    /** Forgets the speeds measured so far: they were taken before the compiler was done. */
    void settle() {
        single.clear();
    }

    /** Bytes per second of one thread, over all bursts since {@link #settle}. */
    Spread readBytesPerSecond() {
        return Spread.of(
                single.stream().mapToDouble(MachineSpeed::readBytesPerSecond).toArray());
    }

    /** Multiply-adds per second of one thread, over all bursts since {@link #settle}. */
    Spread multiplyAddsPerSecond() {
        return Spread.of(
                single.stream().mapToDouble(MachineSpeed::multiplyAddsPerSecond).toArray());
    }

    private double readSpeed(long from, boolean advance) {
        long at = from;
        long bytes = 0;
        long nanos;
        long start = System.nanoTime();
        do {
            long length = read(at);
            bytes += length;
            at = at + CHUNK < weights.byteSize() ? at + CHUNK : 0;
            nanos = System.nanoTime() - start;
        } while (nanos < READ_NANOS);
        if (advance) {
            next = at;
        }
        return bytes * 1e9 / nanos;
    }

    /** Reads one chunk, or what is left of the file, and returns how many bytes these were. */
    private long read(long from) {
        long start = from / MachineProbe.STRIDE * MachineProbe.STRIDE;
        long length = Math.min(CHUNK, weights.byteSize() - start) / MachineProbe.STRIDE * MachineProbe.STRIDE;
        sink = MachineProbe.read(weights, start, length);
        return length;
    }

    private double multiplyAddSpeed() {
        long steps = 0;
        long nanos;
        long start = System.nanoTime();
        do {
            sink = (long) MachineProbe.multiplyAdd(STEPS);
            steps += STEPS;
            nanos = System.nanoTime() - start;
        } while (nanos < MULTIPLY_ADD_NANOS);
        return steps * MachineProbe.multiplyAddsPerStep() * 1e9 / nanos;
    }

    @Override
    public void close() {
        arena.close();
    }
}
