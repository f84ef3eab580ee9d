package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.StateShape;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    private static long allocated(Supplier<?> object) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(threads.isThreadAllocatedMemoryEnabled(), "this JVM does not count allocated bytes");
        assertThat(object.get()).isNotNull(); // classes and statics are loaded
        long before = threads.getCurrentThreadAllocatedBytes();
        Object kept = object.get();
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(kept).isNotNull();
        return bytes;
    }

    @Test
    void whatIsPlannedIsWhatIsTaken() {
        try (SpikingModel model =
                SpikingModel.open(Fixtures.projectRoot().resolve("datasets/models/tiny"), Families.all())) {
            int vocabulary = model.config().vocabSize();
            for (int positions : new int[] {1, 100, 250, 5000}) {
                MemoryPlan plan = MemoryPlan.of(model.config(), vocabulary, positions, GIB);
                List<Decoder> decoders = new ArrayList<>();
                long scratch = allocated(() -> {
                    decoders.add(new Decoder(model, plan.maxColumns(), vocabulary));
                    return new Sampler(decoders.getLast().kernels(), vocabulary, vocabulary);
                });
                assertThat((double) scratch / plan.scratchBytes()).isBetween(0.8, 1.1);
                long row = allocated(() -> decoders.getLast().allocate(positions));
                assertThat((double) row / plan.rowBytes()).isBetween(0.99, 1.05);
            }
        }
    }

    @Test
    void scoringTakesNoMoreThanItsShareOfTheHeap() {
        FamilyConfig config = SymbolicLightPreset.V0_8B.config();
        for (long heap : new long[] {2 * GIB, 4 * GIB, 8 * GIB}) {
            MemoryPlan plan = MemoryPlan.forScoring(config, 4096, heap);
            assertThat(plan.maxColumns()).isBetween(1, 4096);
            assertThat(plan.scratchBytes() + plan.stateBytes()).isLessThanOrEqualTo(heap * 3 / 5);
            assertThat(plan.stateBytes()).isGreaterThanOrEqualTo(plan.rowBytes());
        }
        assertThat(MemoryPlan.forScoring(config, 4096, 2 * GIB).maxColumns()).isLessThan(4096);
        assertThat(MemoryPlan.forScoring(config, 64, 8 * GIB).maxColumns()).isEqualTo(64);
        // a heap that is too small for the model at all still gets a pass of one position and a state
        assertThat(MemoryPlan.forScoring(config, 64, 1000).maxColumns()).isEqualTo(1);
    }

    @Test
    void theBatchIsAsLargeAsTheHeapAllows() {
        FamilyConfig config = SymbolicLightPreset.V0_8B.config();
        long row = config.states(48).bytes(512);
        assertThat(row).isBetween(130_000_000L, 150_000_000L);
        int last = 0;
        for (long gib : new long[] {1, 2, 4, 6, 8}) {
            MemoryPlan plan = MemoryPlan.of(config, 55296, 512, gib * GIB);
            assertThat(plan.batchSize()).isGreaterThan(last);
            assertThat(plan.batchSize() * plan.rowBytes()).isLessThanOrEqualTo(plan.stateBytes());
            assertThat(plan.scratchBytes() + plan.stateBytes() + plan.prefixBytes())
                    .isLessThanOrEqualTo(gib * GIB * 3 / 5);
            last = plan.batchSize();
        }
        assertThat(MemoryPlan.of(config, 55296, 512, 64 * GIB).batchSize()).isEqualTo(32);
        assertThat(MemoryPlan.of(config, 55296, 512, 1000).batchSize()).isEqualTo(1);
        assertThat(MemoryPlan.of(SymbolicLightPreset.TINY.config(), 4096, 256, GIB / 4)
                        .batchSize())
                .isEqualTo(32);
    }

    @Test
    void aSequenceStopsGrowingWhereTheWindowEnds() {
        StateShape shape = SymbolicLightPreset.TINY.config().states(48); // window 128, 4 anchors
        assertThat(shape.bytes(100)).isLessThan(shape.bytes(180));
        assertThat(shape.bytes(300)).isEqualTo(shape.bytes(Integer.MAX_VALUE));
        assertThat(shape.capacity(300)).isEqualTo(Integer.MAX_VALUE);
        for (int positions = 1; positions < 300; positions++) {
            assertThat(shape.capacity(positions)).isGreaterThanOrEqualTo(positions);
            assertThat(shape.bytes(shape.capacity(positions))).isEqualTo(shape.bytes(positions));
        }
    }

    @Test
    void statesNeverTakeMoreThanTheirLimit() {
        StateShape shape = SymbolicLightPreset.TINY.config().states(8);
        StatePool pool = new StatePool(shape, 2 * shape.bytes(64));
        DecoderState large = pool.take(64);
        DecoderState small = pool.take(16);
        assertThat(pool.fits(64)).isFalse();
        assertThatThrownBy(() -> pool.take(64))
                .hasMessageContaining("64 positions")
                .hasMessageContaining(String.valueOf(shape.bytes(64)))
                .hasMessageContaining("--batch-size");
        pool.give(small); // makes room: what is free gives way
        assertThat(pool.fits(64)).isTrue();
        DecoderState second = pool.take(60);
        assertThat(second).isNotSameAs(small);
        pool.give(large);
        assertThat(pool.take(16)).as("a larger one serves, too").isSameAs(large);
        assertThat(pool.fits(1)).isFalse();
        assertThatThrownBy(() -> pool.take(1_000_000)).isInstanceOf(IllegalStateException.class);
        pool.give(second);
        pool.clear();
        assertThat(pool.take(64)).isNotSameAs(second);
    }

    @Test
    void freeStatesAreNotHoarded() {
        StateShape shape = SymbolicLightPreset.TINY.config().states(8);
        StatePool pool = new StatePool(shape, Long.MAX_VALUE);
        DecoderState small = pool.take(16);
        pool.give(small);
        DecoderState large = pool.take(100);
        pool.give(large);
        assertThat(pool.take(16)).as("the small one was dropped").isSameAs(large);
    }

    @Test
    void rowsWaitForMemoryAndOneThatNeverFitsIsAnError() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            SamplingParams params = SamplingParams.defaults(CommonSampler.GREEDY);
            SamplingParams few = params.change().maxNewTokens(5).build();
            List<GenerationRequest> requests = new ArrayList<>(IntStream.range(0, 9)
                    .mapToObj(i -> new GenerationRequest("row-" + i, new int[] {1, 50 + i, 60}, few, 1, 0))
                    .toList());
            requests.add(4, new GenerationRequest("long", new int[] {1, 40}, params, 1, 0));
            long two = 2 * model.config().states(16).bytes(8);
            try (Generator generator =
                    new Generator(model, TOKENIZER, new Generator.Options(8, 16, false, two, 1 << 20, 600))) {
                List<Completion> out = new ArrayList<>();
                generator.generate(requests.iterator()).forEachRemaining(out::add);
                assertThat(out).hasSize(10);
                assertThat(out)
                        .filteredOn(c -> c.errorClass() != null)
                        .singleElement()
                        .satisfies(c -> {
                            assertThat(c.request().rowId()).isEqualTo("long");
                            assertThat(c.errorClass()).isEqualTo("engine_error");
                            assertThat(c.errorMessage()).contains("positions").contains("-Xmx");
                        });
            }
        }
    }

    @Test
    void aPlanBecomesTheGeneratorsOptions() {
        MemoryPlan plan = MemoryPlan.of(SymbolicLightPreset.TINY.config(), 4096, 100, GIB);
        assertThat(Generator.Options.of(plan, 60))
                .isEqualTo(new Generator.Options(32, 48, false, plan.stateBytes(), plan.prefixBytes(), 60));
        assertThat(Generator.Options.of(plan.withBatchSize(100), 60).maxColumns())
                .isEqualTo(116);
        assertThat(Generator.Options.of(plan.withBatchSize(2), 60).maxColumns()).isEqualTo(48);
        assertThatThrownBy(() -> plan.withBatchSize(0)).hasMessageContaining("--batch-size is 0");
    }

    @Test
    void wideBatchesTakeTheirBuffersFromTheRows() {
        FamilyConfig config = SymbolicLightPreset.V0_8B.config();
        MemoryPlan plan = MemoryPlan.of(config, 57344, 512, 8 * GIB);
        long planned = plan.scratchBytes() + plan.stateBytes() + plan.prefixBytes();
        for (int rows : new int[] {1, 32, 33, 256, 1024}) {
            MemoryPlan wide = plan.withBatchSize(rows);
            assertThat(wide.maxColumns()).isGreaterThanOrEqualTo(rows);
            assertThat(wide.scratchBytes() + wide.stateBytes() + wide.prefixBytes())
                    .as("%d rows", rows)
                    .isLessThanOrEqualTo(planned);
            assertThat(wide.stateBytes()).isGreaterThanOrEqualTo(wide.rowBytes());
        }
        assertThat(plan.withBatchSize(1024).stateBytes()).isLessThan(plan.stateBytes());
    }

    @Test
    void tasksThatScoreTwoModelsShareTheHeap() {
        try (SpikingModel model =
                SpikingModel.open(Fixtures.projectRoot().resolve("datasets/models/tiny"), Families.all())) {
            long heap = Runtime.getRuntime().maxMemory();
            for (int tasks : new int[] {1, 2, 8}) {
                MemoryPlan plan = MemoryPlan.forOneOfTwo(model, 256, tasks);
                assertThat(2 * tasks * (plan.scratchBytes() + plan.stateBytes()))
                        .isLessThanOrEqualTo(heap);
            }
        }
    }
}
