package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.family.Families;
import org.junit.jupiter.api.Test;

/** Both published rules of the adaptive temperature, by name. */
final class SymbolicLightSamplerTest {
    private static final int VOCABULARY = 100;
    private static final int LOGITS = 120;

    private static double temperature(String name, double base, double share, int vocabulary) {
        double entropy = share * StrictMath.log(vocabulary);
        return Families.all().sampler(name).temperature(base, entropy, VOCABULARY, LOGITS);
    }

    @Test
    void theAugustProgramIsHotterWhereItIsUncertain() {
        assertThat(temperature("0.8b", 0.8, 0, VOCABULARY)).isCloseTo(0.4, within(1e-12));
        assertThat(temperature("0.8b", 0.8, 0.5, VOCABULARY)).isCloseTo(0.8, within(1e-12));
        assertThat(temperature("0.8b", 0.8, 1, VOCABULARY)).isCloseTo(1.2, within(1e-12));
        assertThat(temperature("0.8b", 4, 0.7, VOCABULARY)).isCloseTo(2, within(1e-12));
    }

    @Test
    void theAprilProgramIsColderAsTheSmallModelsIs() {
        for (String name : new String[] {"0.8b-april", "194m"}) {
            assertThat(temperature(name, 0.8, 0, LOGITS)).isCloseTo(0.8, within(1e-12));
            assertThat(temperature(name, 0.8, 0.5, LOGITS)).isCloseTo(0.45, within(1e-12));
            assertThat(temperature(name, 0.8, 1, LOGITS)).isCloseTo(0.1, within(1e-12));
        }
    }

    @Test
    void butForTheTemperatureTheAprilProgramIsTheAugustOne() {
        SymbolicLightSampler april = SymbolicLightSampler.V0_8B_APRIL;
        assertThat(april.topP()).isEqualTo(SymbolicLightSampler.V0_8B.topP());
        assertThat(april.keepsTies()).isFalse();
        assertThat(april.leastNewTokens()).isZero();
    }
}
