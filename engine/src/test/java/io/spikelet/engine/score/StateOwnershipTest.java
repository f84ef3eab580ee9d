package io.spikelet.engine.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.ByteTokenizer;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However scoring ends, every state goes back to its decoder; here there is memory for two. */
final class StateOwnershipTest {
    private static final int COLUMNS = 64;
    private static final int POSITIONS = 20;
    private static final int STATES = 2;

    @TempDir
    private Path folder;

    private SpikingModel model;
    private Decoder decoder;

    @BeforeEach
    void open() {
        model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8);
        long bytes = STATES * model.config().states(COLUMNS).bytes(POSITIONS);
        decoder = new MemoryPlan(1, COLUMNS, bytes / STATES, 0, bytes, 0).scoringDecoder(model);
    }

    @AfterEach
    void close() {
        decoder.close();
        model.close();
    }

    private Scoring score(Iterator<? extends ScoringUnit> units, double timeoutSeconds) {
        TokenScorer.Options options = new TokenScorer.Options(COLUMNS, false, timeoutSeconds, PrefixPolicy.AUTO, 1);
        UnitPlanner planner = new UnitPlanner(new ByteTokenizer(), List.of(), PrefixPolicy.AUTO, false);
        return new Scoring(decoder, planner, List.of(), options, units);
    }

    private static ScoringWindow window(String rowId) {
        return new ScoringWindow(
                rowId, IntStream.rangeClosed(50, 50 + POSITIONS).toArray(), 1);
    }

    /** One that no model with 320 ids can read to its end. */
    private static ScoringWindow poison(String rowId) {
        int[] ids = window(rowId).tokenIds();
        ids[POSITIONS / 2] = 9999;
        return new ScoringWindow(rowId, ids, 1);
    }

    private void assertThatNothingIsLost() {
        List<DecoderState> states = new ArrayList<>();
        for (int i = 0; i < STATES; i++) {
            states.add(decoder.allocate(POSITIONS));
        }
        assertThat(decoder.fits(POSITIONS)).isFalse();
        states.forEach(decoder::release);
    }

    @Test
    void unitsThatShareAPassWithBadOnesAreScored() {
        List<UnitScores> scores = new ArrayList<>();
        Stream<ScoringWindow> units =
                IntStream.range(0, 60).mapToObj(i -> i % 2 == 0 ? window("good-" + i) : poison("bad-" + i));
        score(units.iterator(), Double.POSITIVE_INFINITY).forEachRemaining(scores::add);

        double nll = scores.stream()
                .filter(unit -> unit.rowId().equals("good-0"))
                .mapToDouble(unit -> unit.scores().getFirst().nll())
                .sum();
        assertThat(scores).hasSize(60).allSatisfy(unit -> {
            DocumentScore score = unit.scores().getFirst();
            if (unit.rowId().startsWith("good")) {
                assertThat(score.errorClass()).isNull();
                assertThat(score.nll()).isEqualTo(nll);
            } else {
                assertThat(score.errorClass()).isEqualTo("engine_error");
                assertThat(score.errorMessage()).contains("9999");
            }
        });
        assertThatNothingIsLost();
    }

    @Test
    void anIterationThatIsGivenUpKeepsNothing() {
        Scoring scoring = score(Stream.generate(() -> window("row")).iterator(), Double.POSITIVE_INFINITY);
        scoring.next();
        scoring.close();
        assertThat(decoder.columns()).isZero();
        assertThatNothingIsLost();
    }

    @Test
    void whatTheSourceOfUnitsThrowsIsNoFailedPass() {
        Iterator<ScoringUnit> source = Stream.<ScoringUnit>of(window("a"), window("b"))
                .map(unit -> {
                    if (unit.rowId().equals("b")) {
                        throw new IllegalArgumentException("the disk is gone");
                    }
                    return unit;
                })
                .iterator();
        Scoring scoring = score(source, Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> scoring.forEachRemaining(unit -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the disk is gone");
        scoring.close();
        assertThatNothingIsLost();
    }

    @Test
    void aStateThatIsGivenBackTwiceIsRefused() {
        DecoderState state = decoder.allocate(POSITIONS);
        decoder.release(state);
        assertThatThrownBy(() -> decoder.release(state))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
        assertThatNothingIsLost();
    }
}
