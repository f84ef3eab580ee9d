package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.SparkTest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;

final class RowStreamTest extends SparkTest {
    @Test
    void everyRowComesOutOnceWhateverTheOrderOfTheEngine() {
        List<Row> input = rows(1000, 3);

        List<Row> output = new ArrayList<>();
        stream(input.iterator(), new Batches(8)).forEachRemaining(output::add);

        assertThat(output)
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrderElementsOf(
                        input.stream().map(row -> row.getString(0)).toList());
        assertThat(output).filteredOn(row -> row.isNullAt(2)).hasSize(666);
    }

    @Test
    void noInputGivesNoOutput() {
        assertThat(stream(Collections.emptyIterator(), new Batches(8)).hasNext())
                .isFalse();
    }

    @Test
    void aLongRunOfRefusedRowsIsNotHeldBack() {
        AtomicInteger read = new AtomicInteger();
        Iterator<Row> input =
                rows(100_000, 1).stream().peek(row -> read.incrementAndGet()).iterator();

        RowStream<Row, Row> stream = stream(input, new Batches(8));
        for (int i = 0; i < 1000; i++) {
            stream.next();
        }

        assertThat(read.get()).isLessThan(2000);
    }

    @Test
    void anEngineThatLosesARowIsFoundOut() {
        RowStream<Row, Row> stream = stream(rows(4, 0).iterator(), new Batches(2) {
            @Override
            public Iterator<Row> run(Iterator<Row> requests) {
                requests.forEachRemaining(row -> {});
                return Collections.emptyIterator();
            }
        });

        assertThatThrownBy(stream::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("4 of the rows");
    }

    @Test
    void aRowThatMakesTheEngineThrowEveryTimeCostsNoOther() {
        List<Row> input = rows(100, 0);

        List<Row> output = new ArrayList<>();
        stream(input.iterator(), new Batches(8) {
                    @Override
                    public Iterator<Row> run(Iterator<Row> requests) {
                        Iterator<Row> results = super.run(requests);
                        return new Iterator<>() {
                            @Override
                            public boolean hasNext() {
                                return results.hasNext();
                            }

                            @Override
                            public Row next() {
                                Row result = results.next();
                                if (result.getString(0).endsWith("7")) {
                                    throw new IllegalStateException("poison");
                                }
                                return result;
                            }
                        };
                    }
                })
                .forEachRemaining(output::add);

        assertThat(output)
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrderElementsOf(
                        input.stream().map(row -> row.getString(0)).toList());
        assertThat(output)
                .filteredOn(row -> !row.isNullAt(2))
                .hasSize(10)
                .allMatch(row -> row.getString(0).endsWith("7"))
                .allMatch(row -> row.getString(2).equals("engine_error")
                        && row.getString(3).contains("poison"));
    }

    @Test
    void aRowThatMakesTheEngineThrowAnErrorCostsNoOther() {
        List<Row> input = rows(100, 0);

        List<Row> output = new ArrayList<>();
        stream(input.iterator(), new Batches(8) {
                    @Override
                    public Admission<Row> admit(Row source) {
                        if (source.getString(0).endsWith("3")) {
                            throw new StackOverflowError();
                        }
                        return super.admit(source);
                    }

                    @Override
                    public Iterator<Row> run(Iterator<Row> requests) {
                        Iterator<Row> results = super.run(requests);
                        return new Iterator<>() {
                            @Override
                            public boolean hasNext() {
                                return results.hasNext();
                            }

                            @Override
                            public Row next() {
                                Row result = results.next();
                                if (result.getString(0).endsWith("7")) {
                                    throw new StackOverflowError();
                                }
                                return result;
                            }
                        };
                    }
                })
                .forEachRemaining(output::add);

        assertThat(output)
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrderElementsOf(
                        input.stream().map(row -> row.getString(0)).toList());
        assertThat(output)
                .filteredOn(row -> !row.isNullAt(2))
                .hasSize(20)
                .allMatch(row ->
                        row.getString(0).matches(".*[37]") && row.getString(2).equals("engine_error"));
    }

    @Test
    void whatIsCountedHasAFixedSize() {
        assertThat(RowCounter.class.getRecordComponents())
                .extracting(RecordComponent::getType)
                .containsOnly(LongAccumulator.class);
    }

    @Test
    void aRowThatEndedAnEarlierAttemptIsAnErrorAndThoseThatAreWatchedAreTakenOneAtATime() {
        List<String> begun = new ArrayList<>();
        List<String> ended = new ArrayList<>();
        List<Integer> together = new ArrayList<>();
        RowTracker watch = new RowTracker() {
            @Override
            public boolean isAlone(Row source) {
                return !source.getString(0).equals("r8") && !source.getString(0).equals("r9");
            }

            @Override
            public boolean blames(Row source) {
                return source.getString(0).equals("r4");
            }

            @Override
            public void begins(Row source) {
                begun.add(source.getString(0));
            }

            @Override
            public void ends(Row source) {
                ended.add(source.getString(0));
            }
        };
        Batches engine = new Batches(8) {
            @Override
            public Iterator<Row> run(Iterator<Row> requests) {
                List<Row> batch = new ArrayList<>();
                requests.forEachRemaining(batch::add);
                together.add(batch.size());
                return super.run(batch.iterator());
            }
        };

        List<Row> output = new ArrayList<>();
        new RowStream<>(
                        rows(10, 0).iterator(),
                        engine,
                        new TaskMeter(RowCounter.of(spark.sparkContext()), false),
                        watch)
                .forEachRemaining(output::add);

        assertThat(begun).containsExactly("r0", "r1", "r2", "r3", "r5", "r6", "r7", "r8", "r9");
        assertThat(ended).containsAll(begun);
        assertThat(together.stream().filter(size -> size > 0)).containsExactly(1, 1, 1, 1, 1, 1, 1, 2);
        assertThat(output).hasSize(10);
        assertThat(output)
                .filteredOn(row -> !row.isNullAt(2))
                .singleElement()
                .matches(
                        row -> row.getString(0).equals("r4") && row.getString(3).contains("a JVM ended"));
    }

    private static <Q, R> RowStream<Q, R> stream(Iterator<Row> input, RowProcessor<Q, R> work) {
        return new RowStream<>(input, work, new TaskMeter(RowCounter.of(spark.sparkContext()), false), RowTracker.NONE);
    }

    /** Rows of which every so many-th is bad; 0 for none. */
    private static List<Row> rows(int count, int badEvery) {
        return IntStream.range(0, count)
                .mapToObj(i -> RowFactory.create(
                        "r" + i, "text", badEvery > 0 && i % badEvery == 0 ? "null_input" : null, null))
                .toList();
    }

    /** An engine that returns each batch in reverse. */
    private static class Batches implements RowProcessor<Row, Row> {
        private final int size;

        Batches(int size) {
            this.size = size;
        }

        @Override
        public Admission<Row> admit(Row source) {
            return source.isNullAt(2) ? new Admission<>(source, null) : new Admission<>(null, source);
        }

        @Override
        public Iterator<Row> run(Iterator<Row> requests) {
            return new Iterator<>() {
                private final List<Row> batch = new ArrayList<>();

                @Override
                public boolean hasNext() {
                    while (batch.isEmpty() && requests.hasNext()) {
                        do {
                            batch.add(requests.next());
                        } while (batch.size() < size && requests.hasNext());
                    }
                    return !batch.isEmpty();
                }

                @Override
                public Row next() {
                    return batch.removeLast();
                }
            };
        }

        @Override
        public String rowId(Row result) {
            return result.getString(0);
        }

        @Override
        public Row finish(Row source, Row result) {
            assertThat(source).isSameAs(result);
            return source;
        }

        @Override
        public Row fail(Row source, String errorClass, String message) {
            return RowFactory.create(source.getString(0), source.getString(1), errorClass, message);
        }

        @Override
        public RowMeasures measures(Row result) {
            return RowMeasures.ofScore(1, false);
        }
    }
}
