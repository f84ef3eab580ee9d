package io.spikelet.engine.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the operating system says about this process; Linux only. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private ProcessMemory() {}

    /** Resident bytes that no file backs ({@code RssAnon}): heap, code, thread stacks, everything but mapped weights. */
    static OptionalLong anonymousBytes() {
        return kilobytes(STATUS, "RssAnon:");
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
