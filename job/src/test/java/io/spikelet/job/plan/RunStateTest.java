package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class RunStateTest {
    @Test
    void theTimeBetweenAttemptsIsNoTimeOfWork() {
        RunState first = RunState.fresh("run", 1_000);
        RunState second = first.nextAttempt(100_000, 6_000);
        RunState third = second.nextAttempt(500_000, 101_500);
        RunState fourth = third.nextAttempt(900_000, 101_500); // the third committed nothing

        assertThat(first.workedMillis(4_000)).isEqualTo(3_000);
        assertThat(second.workedMillis(100_700)).isEqualTo(5_000 + 700);
        assertThat(third.workedMillis(500_250)).isEqualTo(5_000 + 1_500 + 250);
        assertThat(fourth.workedMillis(900_001)).isEqualTo(5_000 + 1_500 + 1);
        assertThat(fourth.attempts()).isEqualTo(4);
        assertThat(fourth.startedAtMillis()).isEqualTo(1_000);
    }

    @Test
    void aStateWithoutTimesOfAttemptsIsRead() throws JsonProcessingException {
        RunState old = new ObjectMapper()
                .readValue(
                        "{\"runId\": \"run\", \"startedAtMillis\": 1000, \"attempts\": 1, \"fingerprint\": {}}",
                        RunState.class);

        assertThat(old.nextAttempt(50_000, 3_000).workedMillis(50_000)).isEqualTo(2_000);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readValue(json.writeValueAsString(old), RunState.class)).isEqualTo(old);
    }
}
