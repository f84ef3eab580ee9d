package io.spikelet.engine.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** Memory of this process as the operating system reports it; Linux only. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private ProcessMemory() {}

    /** Resident bytes that no file backs ({@code RssAnon}): heap, code, thread stacks; everything except mapped weights. */
    static OptionalLong anonymousBytes() {
        return kilobytes(STATUS, "RssAnon:");
    }

    /**
     * The same once it has stopped falling, or after two seconds: collectors return memory in the background, in
     * several steps.
     */
    static OptionalLong settledAnonymousBytes() {
        OptionalLong bytes = anonymousBytes();
        int still = 0;
        for (int i = 0; i < 100 && still < 10 && bytes.isPresent(); i++) {
            LockSupport.parkNanos(20_000_000);
            long now = anonymousBytes().orElseThrow();
            still = now < bytes.getAsLong() ? 0 : still + 1;
            bytes = OptionalLong.of(Math.min(now, bytes.getAsLong()));
        }
        return bytes;
    }

    /** Bytes that can be used without swapping ({@code MemAvailable}), cached files included. */
    static OptionalLong availableBytes() {
        return kilobytes(MEMORY, "MemAvailable:");
    }

    private static OptionalLong kilobytes(Path file, String field) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst();
        } catch (IOException e) { // not Linux
            return OptionalLong.empty();
        }
    }
}
