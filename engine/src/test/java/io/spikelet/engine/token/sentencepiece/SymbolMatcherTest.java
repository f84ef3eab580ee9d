package io.spikelet.engine.token.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.token.Utf8;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SymbolMatcherTest {
    private static final long SEED = 31;

    @Test
    void findsTheLongestSymbolAtEveryPlace() {
        Random random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            Set<String> symbols = new HashSet<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                symbols.add(word(random, 1 + random.nextInt(5)));
            }
            SymbolMatcher matcher =
                    new SymbolMatcher(symbols.stream().map(Utf8::encode).toArray(byte[][]::new));
            byte[] text = Utf8.encode(word(random, 40));
            int limit = random.nextInt(text.length + 1);
            for (int at = 0; at < limit; at++) {
                int from = at;
                int expected = symbols.stream()
                        .map(Utf8::encode)
                        .filter(s ->
                                from + s.length <= limit && Arrays.equals(text, from, from + s.length, s, 0, s.length))
                        .mapToInt(s -> s.length)
                        .max()
                        .orElse(0);
                assertThat(matcher.longestMatch(text, at, limit))
                        .as("seed %d round %d %s at %d", SEED, round, symbols, at)
                        .isEqualTo(expected);
            }
        }
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("ab\u00E9\u4F60\u00FF".charAt(random.nextInt(5)));
        }
        return word.toString();
    }
}
