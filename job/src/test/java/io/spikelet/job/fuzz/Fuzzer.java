package io.spikelet.job.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Reads seeds, and mutations of them: each must be read or refused with a documented exception and a short message, and cost time
 * and memory in proportion to its size. An input that is refused for a reason not seen before is mutated further, which
 * stands in for coverage.
 *
 * <p>Our own, since Jazzer's agent (0.24.0) does not read the class files of JDK 25: it says "Unsupported class file major
 * version 69" and measures nothing. Every case follows from the seed that a failure names.
 */
public final class Fuzzer {
    /** Reads an input. */
    public interface Reader {
        /** @return what is wrong with it, if that is told by a value; else null */
        String read(byte[] input) throws Exception;
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SEED = 20261127;
    private static final int MOST_CHARACTERS = 2000;
    private static final long FREE_BYTES = 256L << 20;
    private static final long BYTES_PER_BYTE = 4000;
    private static final long FREE_NANOS = 10_000_000_000L;
    private static final long NANOS_PER_BYTE = 20_000;
    private static final long UNFINISHED_NANOS = 300_000_000_000L;
    private static final int MOST_INPUTS = 2000;
    private static final int MOST_BYTES = 1 << 20;
    private static final int[] LENGTHS = {1, 1, 1, 2, 4, 8, 16, 100, 1000, 5000, 60_000};
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        32767,
        65535,
        65536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        1 << 20
    };

    private final String name;
    private final List<byte[]> seeds;
    private final List<byte[]> words;
    private final List<Class<? extends Exception>> documented;
    private final Reader reader;
    private final Set<String> reasons = new HashSet<>();
    private volatile byte[] current; // what is being read
    private volatile long currentSince;

    /**
     * @param name of the folder with further seeds, such as inputs that have failed
     * @param words what inputs of this kind are made of
     * @param documented exceptions that refuse an input
     */
    public Fuzzer(
            String name,
            List<byte[]> seeds,
            List<byte[]> words,
            List<Class<? extends Exception>> documented,
            Reader reader) {
        this.name = name;
        this.seeds = new ArrayList<>(seeds);
        this.words = words;
        this.documented = documented;
        this.reader = reader;
        Path folder = Path.of("src/test/resources/fuzz", name);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.sorted().forEach(file -> this.seeds.add(bytes(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every seed once. */
    public void readSeeds() {
        assertThat(seeds).isNotEmpty();
        seeds.forEach(seed -> read(seed, "a seed"));
    }

    /**
     * Mutations, for as many seconds as {@code spikelet.fuzz.seconds} says: 60, unless it is a night. The same ones every time, unless
     * {@code spikelet.fuzz.seed} says where to begin.
     */
    public void readMutations() {
        long nanos = Long.getLong("spikelet.fuzz.seconds", 60) * 1_000_000_000L;
        long start = System.nanoTime();
        long first = Long.getLong("spikelet.fuzz.seed", SEED);
        List<byte[]> inputs = new ArrayList<>(seeds);
        long cases = 0;
        watch();
        while (System.nanoTime() - start < nanos) {
            long seed = first + cases++;
            Random random = new Random(seed);
            byte[] input = mutated(inputs, random);
            if (read(input, "case " + seed) && inputs.size() < MOST_INPUTS) {
                inputs.add(input);
            }
        }
        System.out.println(name + ": " + cases + " inputs, " + reasons.size() + " kinds of outcome");
        assertThat(cases).isPositive();
    }

    /** An input that is never through ends this JVM, for nothing else could tell which it is. */
    private void watch() {
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                LockSupport.parkNanos(UNFINISHED_NANOS / 10);
                byte[] input = current;
                if (input != null && System.nanoTime() - currentSince > UNFINISHED_NANOS && input == current) {
                    System.err.println(failed(input, "a mutation", "is not through after minutes", null)
                            .getMessage());
                    Runtime.getRuntime().halt(1);
                }
            }
        });
    }

    /** Whether the outcome is a new one. */
    private boolean read(byte[] input, String what) {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long nanos = THREADS.getCurrentThreadCpuTime();
        String reason;
        currentSince = System.nanoTime();
        current = input;
        try {
            String fault = reader.read(input);
            reason = fault == null ? "read" : fault;
        } catch (Exception e) {
            if (documented.stream().noneMatch(type -> type.isInstance(e))) {
                throw failed(input, what, "is refused with an exception that is not documented", e);
            }
            reason = e.getMessage();
        } catch (StackOverflowError | OutOfMemoryError e) {
            throw failed(input, what, "ends the JVM", e);
        }
        current = null;
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        if (reason == null || reason.isBlank() || reason.length() > MOST_CHARACTERS) {
            throw failed(
                    input, what, "has a message of " + (reason == null ? "no" : reason.length()) + " characters", null);
        }
        if (bytes > FREE_BYTES + BYTES_PER_BYTE * input.length) {
            throw failed(input, what, "takes " + bytes + " bytes of memory", null);
        }
        if (nanos > FREE_NANOS + NANOS_PER_BYTE * input.length) {
            throw failed(input, what, "takes " + nanos / 1_000_000 + " ms", null);
        }
        return reasons.add(reason.replaceAll("[0-9]+", "0").replaceAll("\"[^\"]*\"", "\"\""));
    }

    private AssertionError failed(byte[] input, String what, String problem, Throwable cause) {
        try {
            Path folder = Files.createDirectories(Path.of("target/fuzz", name));
            Path file = folder.resolve(Integer.toHexString(Arrays.hashCode(input)));
            Files.write(file, input);
            return new AssertionError(
                    name + ": " + what + ", " + input.length + " bytes, now in " + file + ", " + problem
                            + "; keep it in src/test/resources/fuzz/" + name,
                    cause);
        } catch (IOException e) {
            return fail("cannot keep the input that fails", e);
        }
    }

    private byte[] mutated(List<byte[]> inputs, Random random) {
        byte[] input = inputs.get(random.nextInt(inputs.size())).clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            input = changed(input, inputs, random);
        }
        return input.length <= MOST_BYTES ? input : Arrays.copyOf(input, MOST_BYTES);
    }

    private byte[] changed(byte[] input, List<byte[]> inputs, Random random) {
        int at = place(input, random);
        int length = Math.min(LENGTHS[random.nextInt(LENGTHS.length)], input.length - at);
        switch (random.nextInt(10)) {
            case 0 -> {
                return spliced(input, at, length, new byte[0]);
            }
            case 1 -> {
                return spliced(input, at, 0, Arrays.copyOfRange(input, at, at + length));
            }
            case 2 -> {
                return Arrays.copyOf(input, at);
            }
            case 3 -> {
                byte[] other = inputs.get(random.nextInt(inputs.size()));
                int from = place(other, random);
                int to = Math.min(other.length, from + LENGTHS[random.nextInt(LENGTHS.length)]);
                return spliced(input, at, random.nextBoolean() ? 0 : length, Arrays.copyOfRange(other, from, to));
            }
            case 4, 5 -> {
                byte[] word = words.isEmpty() ? new byte[] {0} : words.get(random.nextInt(words.size()));
                return spliced(input, at, random.nextBoolean() ? 0 : Math.min(word.length, length), word);
            }
            case 6 -> {
                byte[] part = Arrays.copyOfRange(input, at, at + Math.min(length, 64));
                return spliced(input, at, 0, repeated(part, LENGTHS[random.nextInt(LENGTHS.length)]));
            }
            case 7 -> {
                long number = NUMBERS[random.nextInt(NUMBERS.length)];
                int width = Math.min(1 << random.nextInt(4), input.length - at);
                for (int i = 0; i < width; i++) {
                    input[at + i] = (byte) (number >>> 8 * i);
                }
                return input;
            }
            default -> {
                if (at < input.length) {
                    input[at] = random.nextBoolean()
                            ? (byte) (input[at] ^ 1 << random.nextInt(8))
                            : (byte) random.nextInt();
                }
                return input;
            }
        }
    }

    /** Half of the time near the beginning or the end, where structure is. */
    private static int place(byte[] input, Random random) {
        int near = Math.min(input.length, 3000);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(near + 1);
            case 1 -> input.length - random.nextInt(near + 1);
            default -> random.nextInt(input.length + 1);
        };
    }

    private static byte[] repeated(byte[] part, int times) {
        byte[] repeated = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, repeated, i * part.length, part.length);
        }
        return repeated;
    }

    private static byte[] spliced(byte[] input, int at, int removed, byte[] inserted) {
        byte[] result = new byte[input.length - removed + inserted.length];
        System.arraycopy(input, 0, result, 0, at);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(input, at + removed, result, at + inserted.length, input.length - at - removed);
        return result;
    }
}
