package io.spikelet.engine.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.engine.ChildJvm;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library: what it touches, what happens without it, and that its source still says what it does. */
class NativeProductsTest {
    private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    private static final int PANEL = Layout.LANES;

    /** The arguments of one call, in memory of their own. */
    private record Call(
            int quads,
            int outputs,
            int from,
            int to,
            int columns,
            MemorySegment weights,
            MemorySegment codes,
            MemorySegment totals,
            MemorySegment factors,
            MemorySegment scales,
            MemorySegment out,
            int stride) {
        void run(NativeLevel level) {
            NativeProducts.multiply(
                    level, weights, quads, outputs, from, to, codes, columns, totals, factors, scales, out, stride);
        }

        /** Whether the panels of the call have an element of the output. */
        boolean writes(int element) {
            int panel = element % stride / PANEL;
            return element % stride < outputs && from <= panel && panel < to;
        }
    }

    /** Where the memory of a call comes from. */
    private interface Allocator {
        MemorySegment allocate(long bytes);
    }

    @Test
    void nothingBesideTheArgumentsIsTouched() throws Throwable {
        assumeLibrary();
        Random random = new Random(20262);
        for (int round = 0; round < 200; round++) {
            boolean atEnd = round % 2 == 0; // the page that traps follows the memory, or comes before it
            try (Arena arena = Arena.ofConfined()) {
                Call call = call(random, bytes -> guarded(bytes, atEnd, arena));
                for (NativeLevel level : NativeProducts.levels()) {
                    call.out().fill((byte) -1);
                    call.run(level);
                    float[] out = call.out().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                    for (int i = 0; i < out.length; i++) {
                        assertThat(Float.isNaN(out[i])).isEqualTo(!call.writes(i));
                    }
                }
            }
        }
    }

    @Test
    void aProductWithoutColumnsIsRefusedBeforeTheCall() {
        assumeLibrary();
        Call call = call(new Random(20265), bytes -> Arena.ofAuto().allocate(bytes));
        Call none = new Call(
                call.quads(),
                call.outputs(),
                call.from(),
                call.to(),
                0,
                call.weights(),
                call.codes(),
                call.totals(),
                call.factors(),
                call.scales(),
                call.out(),
                call.outputs());
        assertThatThrownBy(() -> none.run(NativeProducts.levels().getFirst()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void memoryThatIsTooSmallIsRefusedBeforeTheCall() {
        assumeLibrary();
        Random random = new Random(20263);
        for (int argument = 0; argument < 6; argument++) {
            int[] next = {0};
            int small = argument;
            Call call = call(random, bytes -> Arena.ofAuto().allocate(next[0]++ == small ? bytes - 1 : bytes));
            assertThatThrownBy(() -> call.run(NativeProducts.levels().getFirst()))
                    .as("argument %d", argument)
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void itIsSmallAndNeedsNoOtherLibrary() throws IOException {
        byte[] library = libraryBytes();
        assertThat(library.length).isLessThanOrEqualTo(64 << 10);
        assertThat(new String(library, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(".so.6");
    }

    @Test
    void aLibraryBuiltFromTheSourceGivesTheSameBits(@TempDir Path folder) throws Throwable {
        assumeLibrary();
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v gcc >/dev/null")
                                .start()
                                .waitFor()
                        == 0,
                "there is no gcc to build the native library with; continuous integration has one");
        Path built = folder.resolve("built.so");
        Process script = new ProcessBuilder("../scripts/build-native", built.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(script.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(script.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(script.exitValue()).as(said).isZero();
        NativeLibrary library = NativeLibrary.of(built);
        assertThat(library.levels()).isEqualTo(NativeProducts.levels());
        Random random = new Random(20264);
        for (int round = 0; round < 30; round++) {
            Call call = call(random, bytes -> Arena.ofAuto().allocate(bytes, 64));
            for (NativeLevel level : NativeProducts.levels()) {
                call.run(level);
                float[] committed = call.out().toArray(ValueLayout.JAVA_FLOAT);
                call.out().fill((byte) 0);
                library.multiply()
                        .invokeExact(
                                level.code(),
                                call.weights(),
                                (long) call.quads(),
                                (long) call.outputs(),
                                (long) call.from(),
                                (long) call.to(),
                                call.codes(),
                                (long) call.columns(),
                                call.totals(),
                                call.factors(),
                                call.scales(),
                                call.out(),
                                (long) call.stride());
                assertThat(call.out().toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(committed);
            }
        }
    }

    @Test
    void aFileThatIsNoLibraryIsAReasonAndNoFailure(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("broken.so"), "not a library");
        NativeLibrary library = NativeLibrary.of(file);
        assertThat(library.levels()).isEmpty();
        assertThat(library.reason().orElseThrow()).contains(folder.toString()).contains("java.io.tmpdir");
    }

    @Test
    void withoutItTheJvmSaysWhyAndRuns(@TempDir Path folder) throws Exception {
        assumeLibrary();
        String file = Files.createFile(folder.resolve("a-file")).toString();
        assertThat(chosen(folder, NATIVE_ACCESS)).hasSize(2).first().asString().contains("+");
        assertThat(chosen(folder, NATIVE_ACCESS, "-Dspikelet.native=false"))
                .satisfiesExactly(
                        kernels -> assertThat(kernels).startsWith("vector-").doesNotContain("+"),
                        reason -> assertThat(reason).contains("-Dspikelet.native=false"));
        for (NativeLevel level : NativeLevel.values()) { // a better level does not imply another
            List<String> choice = chosen(folder, NATIVE_ACCESS, "-Dspikelet.native=" + level.label());
            if (NativeProducts.levels().contains(level)) {
                assertThat(choice.getFirst()).endsWith("+" + level.label());
            } else {
                assertThat(choice.getFirst()).doesNotContain("+");
                assertThat(choice.getLast()).contains(level.label() + " is not to be had: ");
            }
        }
        assertThat(chosen(folder, NATIVE_ACCESS, "-Djava.io.tmpdir=" + file).getLast())
                .contains(file);
        assertThat(chosen(folder, "--illegal-native-access=deny").getLast()).contains("--enable-native-access");
        assertThatThrownBy(() -> chosen(folder, NATIVE_ACCESS, "-Dspikelet.native=sse9"))
                .hasMessageContaining("sse9")
                .hasMessageContaining("avx512-vnni");
    }

    private static List<String> chosen(Path folder, String... flags) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of(ChildJvm.VECTOR_MODULE));
        all.addAll(List.of(flags));
        return ChildJvm.run(Files.createTempFile(folder, "chosen", ".txt"), all, Choice.class);
    }

    /** Prints the kernels and why they are not better. */
    static final class Choice {
        private Choice() {}

        public static void main(String[] args) {
            System.out.println(KernelChoice.description());
            System.out.println(KernelChoice.reason().orElse("best"));
        }
    }

    private static void assumeLibrary() {
        assumeTrue(
                NativeProducts.best().isPresent(),
                () -> "no native library here: " + NativeProducts.reason().orElseThrow());
    }

    private static byte[] libraryBytes() throws IOException {
        try (var stream = NativeLibrary.class.getResourceAsStream("libspikelet-linux-x86_64.so")) {
            return stream.readAllBytes();
        }
    }

    private static Call call(Random random, Allocator memory) {
        int quads = 1 + random.nextInt(random.nextInt(10) == 0 ? 700 : 40);
        int outputs = 1 + random.nextInt(300);
        int panels = Layout.pad(outputs) / PANEL;
        int from = random.nextInt(4) == 0 ? random.nextInt(panels) : 0;
        int to = random.nextInt(4) == 0 ? from + random.nextInt(panels - from + 1) : panels;
        int columns = 1 + random.nextInt(random.nextBoolean() ? 20 : 50);
        int stride = outputs + random.nextInt(5);
        MemorySegment weights = memory.allocate((long) Layout.pad(outputs) * quads * 4);
        MemorySegment codes = memory.allocate(columns * quads * 4L);
        MemorySegment totals = memory.allocate(columns * 4L);
        MemorySegment factors = memory.allocate(columns * 4L);
        MemorySegment scales = memory.allocate(outputs * 4L);
        MemorySegment out = memory.allocate(((columns - 1L) * stride + outputs) * 4);
        fill(weights, random);
        fill(codes, random);
        for (long at = 0; at + 4 <= factors.byteSize(); at += 4) {
            factors.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, random.nextFloat());
        }
        for (long at = 0; at + 4 <= scales.byteSize(); at += 4) {
            scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, random.nextFloat());
        }
        return new Call(quads, outputs, from, to, columns, weights, codes, totals, factors, scales, out, stride);
    }

    private static void fill(MemorySegment segment, Random random) {
        byte[] bytes = new byte[(int) segment.byteSize()];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** Memory of its own that ends, or begins, where the next byte cannot be touched. */
    private static MemorySegment guarded(long bytes, boolean atEnd, Arena arena) {
        try {
            long page = 4096;
            long inner = (bytes + page - 1) / page * page;
            MemorySegment whole = ((MemorySegment)
                            MMAP.invokeExact(MemorySegment.NULL, inner + 2 * page, 0, 0x22, -1, 0L))
                    .reinterpret(inner + 2 * page, arena, NativeProductsTest::unmap);
            MemorySegment usable = whole.asSlice(page, inner);
            assertThat((int) MPROTECT.invokeExact(usable, inner, 3)).isZero(); // read and write
            return atEnd ? usable.asSlice(inner - bytes, bytes) : usable.asSlice(0, bytes);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void unmap(MemorySegment whole) {
        try {
            int failed = (int) MUNMAP.invokeExact(whole, whole.byteSize());
            if (failed != 0) {
                throw new IllegalStateException("munmap failed");
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static final MethodHandle MMAP =
            libc("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MPROTECT =
            libc("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MUNMAP = libc("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private static MethodHandle libc(String name, FunctionDescriptor function) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), function);
    }
}
