package io.spikelet.engine.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The functions of {@code src/main/native/dense.c}, if they can be loaded. A failure gives a reason, not an exception:
 * without the library the results have the same bits, but take longer.
 *
 * @param levels supported by this CPU, slowest first; empty without the library
 * @param reason why there is no faster level, as text; empty if the fastest is available
 * @param multiply {@code spikelet_multiply}; null without the library
 * @param peak {@code spikelet_peak}; null without the library
 */
record NativeLibrary(List<NativeLevel> levels, Optional<String> reason, MethodHandle multiply, MethodHandle peak) {
    private static final String RESOURCE = "libspikelet-linux-x86_64.so";
    private static final FunctionDescriptor LEVELS = FunctionDescriptor.of(JAVA_INT);
    private static final FunctionDescriptor PEAK = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final FunctionDescriptor MULTIPLY = FunctionDescriptor.ofVoid(
            JAVA_INT, // level
            ADDRESS, // weights
            JAVA_LONG, // quads
            JAVA_LONG, // outputs
            JAVA_LONG, // first panel
            JAVA_LONG, // panel after the last
            ADDRESS, // codes
            JAVA_LONG, // columns
            ADDRESS, // totals
            ADDRESS, // factors
            ADDRESS, // scales
            ADDRESS, // out
            JAVA_LONG); // stride

    private static NativeLibrary none(String reason) {
        return new NativeLibrary(List.of(), Optional.of(reason), null, null);
    }

    /** Loads the library of the jar from a private temporary folder, which is deleted before this returns. */
    static NativeLibrary load() {
        String system = System.getProperty("os.name", "") + " " + System.getProperty("os.arch", "");
        if (!system.equals("Linux amd64")) {
            return none("there is no native library for " + system);
        }
        try (InputStream library = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
            if (library == null) {
                return none("the native library is not in the jar");
            }
            FileAttribute<?> mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Path folder = Files.createTempDirectory("spikelet-native-", mine);
            Path file = folder.resolve(RESOURCE);
            try {
                Files.copy(library, file);
                return of(file);
            } finally {
                Files.deleteIfExists(file); // the mapping remains valid
                Files.delete(folder);
            }
        } catch (IOException | UnsupportedOperationException e) {
            return none("the native library cannot be copied to " + System.getProperty("java.io.tmpdir") + " (" + e
                    + "): set -Djava.io.tmpdir to a folder that can be written");
        }
    }

    /** Loads the library in a file, which may be deleted afterwards. */
    static NativeLibrary of(Path file) {
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            Linker linker = Linker.nativeLinker();
            MethodHandle allowed = linker.downcallHandle(symbols.findOrThrow("spikelet_levels"), LEVELS);
            List<NativeLevel> levels = NativeLevel.ofSet((int) allowed.invokeExact());
            return new NativeLibrary(
                    levels,
                    reason(levels),
                    linker.downcallHandle(
                            symbols.findOrThrow("spikelet_multiply"), MULTIPLY, Linker.Option.critical(true)),
                    linker.downcallHandle(symbols.findOrThrow("spikelet_peak"), PEAK));
        } catch (IllegalCallerException e) {
            return none("this JVM allows no native access: start it with --enable-native-access=ALL-UNNAMED");
        } catch (IllegalArgumentException e) {
            return none("the native library cannot be loaded from " + file.getParent()
                    + "; if programs cannot run from there (noexec), set -Djava.io.tmpdir to a folder where they can");
        } catch (Throwable e) { // from the linker or the call; it must not end the run
            return none("the native library cannot be used: " + e);
        }
    }

    private static Optional<String> reason(List<NativeLevel> levels) {
        if (levels.isEmpty()) {
            return Optional.of("the CPU or the operating system has no AVX2");
        }
        return switch (levels.getLast()) {
            case AVX512_VNNI -> Optional.empty();
            case AVX_VNNI -> Optional.of("the CPU or the operating system has no AVX-512 VNNI");
            case AVX2 -> Optional.of("the CPU or the operating system has neither AVX-512 VNNI nor AVX-VNNI");
        };
    }
}
