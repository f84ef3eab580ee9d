package io.spikelet.job.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelCacheTest {
    @TempDir
    private Path folder;

    private final AtomicInteger opened = new AtomicInteger();
    private final ModelCache cache = new ModelCache(ModelCacheTest::refuse, directory -> {
        opened.incrementAndGet();
        return SpikingModel.open(directory, Families.all());
    });

    @AfterEach
    void closeIdleModels() {
        cache.close();
    }

    @Test
    void tasksShareOneModelWhichIsOpenedOnce() throws Exception {
        ModelHandle handle = ModelHandle.of(model("one", 1));
        List<Callable<SpikingModel>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tasks.add(() -> {
                try (ModelLease lease = cache.lease(handle)) {
                    return lease.model();
                }
            });
        }

        List<SpikingModel> models = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<SpikingModel> future : threads.invokeAll(tasks)) {
                models.add(future.get());
            }
        }

        assertThat(opened).hasValue(1);
        assertThat(models).containsOnly(models.getFirst());
    }

    @Test
    void anIdleModelMakesRoomForAnotherAndALeasedOneStays() {
        ModelHandle one = ModelHandle.of(model("one", 1));
        ModelHandle two = ModelHandle.of(model("two", 2));
        ModelHandle three = ModelHandle.of(model("three", 3));

        ModelLease leased = cache.lease(one);
        cache.lease(two).close();
        assertThat(cache.open()).isEqualTo(2);
        cache.lease(three).close();
        assertThat(cache.open()).isEqualTo(2);
        assertThat(cache.lease(one).model()).isSameAs(leased.model());
        assertThat(opened).hasValue(3);
    }

    @Test
    void closingALeaseTwiceReleasesItOnce() {
        ModelHandle handle = ModelHandle.of(model("one", 1));
        ModelLease first = cache.lease(handle);
        ModelLease second = cache.lease(handle);

        first.close();
        first.close();
        cache.close();
        assertThat(cache.open()).isEqualTo(1);

        second.close();
        cache.close();
        assertThat(cache.open()).isZero();
    }

    @Test
    void aNodeWithAnotherModelAtThatPathRefuses() throws IOException {
        Path directory = model("one", 1);
        ModelHandle handle = ModelHandle.of(directory);
        Files.writeString(directory.resolve(ModelManifest.FILE), "\n", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> cache.lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(directory.toString(), handle.manifestSha256(), "same directory");
        assertThat(opened).hasValue(0);
    }

    @Test
    void aNodeWithoutTheModelRefusesAndTriesAgainLater() throws IOException {
        Path directory = model("one", 1);
        ModelHandle handle = ModelHandle.of(directory);
        Path aside = Files.move(directory, folder.resolve("aside"));

        assertThatThrownBy(() -> cache.lease(handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("no model directory", directory.toString());

        Files.move(aside, directory);
        cache.lease(handle).close();
        assertThat(opened).hasValue(1);
    }

    private static StagedModel refuse(ModelHandle handle) {
        throw new AssertionError(handle + " is local and needs no staging");
    }

    private Path model(String name, long seed) {
        Path directory = folder.resolve(name);
        Synthesizer.synthesize(Families.mappings().preset("tiny"), seed, directory, line -> {});
        return directory;
    }
}
