package io.spikelet.job.task;

import io.spikelet.engine.score.ChoiceItem;
import io.spikelet.engine.score.ChoiceScore;
import io.spikelet.engine.score.ChoiceScorer;
import io.spikelet.engine.score.TextLength;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Items to rows of the choice_scores table. Not thread-safe; one per task. */
final class ChoiceProcessor extends TableProcessor<ChoiceItem, ChoiceScore> {
    private final ChoiceScorer scorer;
    private final Tokenizer tokenizer;
    private final ItemFields fields;
    private final ChoiceSettings settings;
    private final RowLimits limits;
    private final String before;

    ChoiceProcessor(
            ChoiceScorer scorer,
            Tokenizer tokenizer,
            ItemFields fields,
            String runId,
            ChoiceSettings settings,
            RowLimits limits) {
        super(Tables.CHOICE_SCORES_COLUMNS, runId);
        this.scorer = scorer;
        this.tokenizer = tokenizer;
        this.fields = fields;
        this.settings = settings;
        this.limits = limits;
        this.before = settings.before();
    }

    @Override
    Admission<ChoiceItem> accept(Row source) {
        try {
            Deadline deadline = Deadline.in(limits.timeoutSeconds());
            ChoiceTask.Question question = settings.task().question(fields, source, deadline);
            if (settings.examples().contains(settings.task().example(question))) {
                throw new MalformedItemException(
                        "the item is one of the examples that precede every item; take them from"
                                + " other items, with --fewshot-split");
            }
            for (int i = 0; i < question.contexts().size(); i++) {
                String text = before
                        + question.contexts().get(i)
                        + question.continuations().get(i);
                Optional<String> refusal = limits.refusal(tokenizer, text);
                if (refusal.isPresent()) {
                    return refuse(source, ErrorClass.TOO_LONG, refusal.get());
                }
            }
            return new Admission<>(settings.task().item(source.getString(SourceRow.ROW_ID), question, before), null);
        } catch (MalformedItemException e) {
            return refuse(source, ErrorClass.MALFORMED_ROW, e.getMessage());
        } catch (DeadlineException e) {
            return refuse(source, ErrorClass.TIMEOUT, e.getMessage());
        }
    }

    @Override
    public Iterator<ChoiceScore> run(Iterator<ChoiceItem> requests) {
        return scorer.score(requests);
    }

    @Override
    public String rowId(ChoiceScore score) {
        return score.rowId();
    }

    @Override
    public RowMeasures measures(ChoiceScore score) {
        return RowMeasures.ofScore(score.decodedTokens(), score.failed());
    }

    @Override
    public Row finish(Row source, ChoiceScore score) {
        if (score.failed()) {
            return fail(source, score.errorClass(), score.errorMessage());
        }
        ChoiceTask.Question question = settings.task().question(fields, source, Deadline.NONE);
        List<TextLength> lengths =
                question.continuations().stream().map(TextLength::of).toList();
        Object[] values = begin(source);
        set(values, "contexts", question.contexts().stream().distinct().toArray(String[]::new));
        set(values, "continuations", question.continuations().toArray(String[]::new));
        set(values, "log_likelihoods", score.logLikelihoods());
        set(values, "continuation_tokens", score.tokens());
        set(
                values,
                "continuation_characters",
                lengths.stream().mapToLong(TextLength::characters).toArray());
        set(
                values,
                "continuation_bytes",
                lengths.stream().mapToLong(TextLength::bytes).toArray());
        set(values, "greedy", score.greedy());
        set(values, "decoded_tokens", score.decodedTokens());
        setAll(values, FiringColumns.of(score.operations()));
        if (settings.task().isCloze()) {
            set(values, "acc", score.greedy()[0] ? 1 : 0);
        } else {
            setAnswers(values, question.target(), score.logLikelihoods(), lengths);
        }
        return RowFactory.create(values);
    }

    private void setAnswers(Object[] values, int target, double[] logLikelihoods, List<TextLength> lengths) {
        set(values, "target", target);
        setAnswer(values, "", target, logLikelihoods);
        if (settings.task().normalized()) {
            setAnswer(values, "_norm", target, perUnit(logLikelihoods, lengths, true));
            setAnswer(values, "_bytes", target, perUnit(logLikelihoods, lengths, false));
        }
    }

    private void setAnswer(Object[] values, String suffix, int target, double[] scores) {
        int predicted = largest(scores);
        set(values, "predicted" + suffix, predicted);
        set(values, "acc" + suffix, predicted == target ? 1 : 0);
    }

    /** A choice without characters counts as one, where the harness divides by zero. */
    private static double[] perUnit(double[] logLikelihoods, List<TextLength> lengths, boolean characters) {
        return IntStream.range(0, logLikelihoods.length)
                .mapToDouble(i -> logLikelihoods[i]
                        / Math.max(
                                1,
                                characters
                                        ? lengths.get(i).characters()
                                        : lengths.get(i).bytes()))
                .toArray();
    }

    /** The first of the largest. */
    private static int largest(double[] scores) {
        int largest = 0;
        for (int i = 1; i < scores.length; i++) {
            largest = scores[i] > scores[largest] ? i : largest;
        }
        return largest;
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        String place = source.getString(SourceRow.PLACE);
        boolean isSaid = place == null || message.startsWith(place);
        return super.fail(source, errorClass, isSaid ? message : place + ": " + message);
    }

    @Override
    Object[] begin(Row source) {
        Object[] values = super.begin(source);
        set(values, "task", settings.task().name());
        set(values, "prefix", settings.prefixLabel());
        return values;
    }
}
