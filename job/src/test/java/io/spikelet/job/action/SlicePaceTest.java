package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.plan.SlicePlan.Slice;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SlicePaceTest {
    @Test
    void shortSlicesAreJoinedUntilTheyTakeLongEnough() {
        SlicePace pace = new SlicePace(true);
        Queue<Slice> planned = planned(64);

        Slice first = pace.next(planned);
        pace.took(first, SlicePace.SECONDS / 3.5);
        Slice second = pace.next(planned);

        assertThat(first.numbers()).containsExactly(0);
        assertThat(second.numbers()).containsExactly(1, 2, 3);
        assertThat(second.rows()).isEqualTo(30);
        assertThat(second.predictedTokens()).isEqualTo(Map.of(0, 300L, 1, 330L));
    }

    @Test
    void growthIsGradual() {
        SlicePace pace = new SlicePace(true);
        Queue<Slice> planned = planned(64);

        Slice first = pace.next(planned);
        pace.took(first, 0.001);
        Slice second = pace.next(planned);
        pace.took(second, 0.001);

        assertThat(second.numbers()).hasSize(SlicePace.MOST_GROWTH);
        assertThat(pace.next(planned).numbers()).hasSize(SlicePace.MOST_GROWTH * SlicePace.MOST_GROWTH);
    }

    @Test
    void aSliceThatTakesLongerStaysAsPlanned() {
        SlicePace pace = new SlicePace(true);
        Queue<Slice> planned = planned(3);

        pace.took(pace.next(planned), 10 * SlicePace.SECONDS);

        assertThat(pace.next(planned).numbers()).containsExactly(1);
    }

    @Test
    void slicesOfAGivenSizeAreNeverJoined() {
        SlicePace pace = new SlicePace(false);
        Queue<Slice> planned = planned(3);

        pace.took(pace.next(planned), 0.001);

        assertThat(pace.next(planned).numbers()).containsExactly(1);
    }

    private static Queue<Slice> planned(int slices) {
        return new ArrayDeque<>(IntStream.range(0, slices)
                .mapToObj(number -> new Slice(List.of(number), 10, Map.of(0, 100L, 1, 110L)))
                .toList());
    }
}
