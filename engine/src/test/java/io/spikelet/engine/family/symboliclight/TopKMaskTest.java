package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopKMaskTest {
    @Test
    void selectsTheLargestInOrderOfTheirPlaces() {
        Random random = new Random(11);
        for (int width : new int[] {1, 7, 64, 65}) {
            for (int k = 0; k <= width; k++) {
                float[] values = new float[width + 3];
                for (int i = 0; i < values.length; i++) {
                    values[i] = random.nextInt(9) - 4; // many equal ones
                }
                int at = 2;
                int[] expected = IntStream.range(0, width)
                        .boxed()
                        .sorted(Comparator.comparing((Integer i) -> -values[at + i])
                                .thenComparing(i -> i))
                        .limit(k)
                        .mapToInt(i -> i)
                        .sorted()
                        .toArray();
                int[] indices = new int[width + 1];
                TopKMask.select(values, at, width, k, indices, 1);
                assertThat(Arrays.copyOfRange(indices, 1, k + 1)).isEqualTo(expected);
            }
        }
    }
}
