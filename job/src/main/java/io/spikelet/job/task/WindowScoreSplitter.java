package io.spikelet.job.task;

import io.spikelet.job.schema.CorpusColumns;
import io.spikelet.job.schema.Tables;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Assigns the scores of a window to its documents: a row for each document and protocol. */
public record WindowScoreSplitter(ScoringSettings settings) implements FlatMapFunction<Row, Row> {
    /** Sums over the tokens of one document in one window. */
    public static final StructType PARTS = new StructType()
            .add("row_id", DataTypes.StringType)
            .add("content_sha256", DataTypes.StringType)
            .add("protocol", DataTypes.StringType)
            .add("number", DataTypes.IntegerType)
            .add("scored_tokens", DataTypes.LongType)
            .add("weight", DataTypes.DoubleType)
            .add("bytes", DataTypes.LongType)
            .add("nll", DataTypes.DoubleType)
            .add("nll_squared", DataTypes.DoubleType)
            .add("error_class", DataTypes.StringType)
            .add("error_message", DataTypes.StringType)
            .add("tokens", DataTypes.createArrayType(Tables.TOKEN_MEASURES, false));

    /** Takes a window's columns of {@link CorpusColumns} and the columns of its result. */
    @Override
    public Iterator<Row> call(Row window) {
        List<String> protocols = settings.layouts().get(window.<Integer>getAs(CorpusColumns.LAYOUT)).stream()
                .map(protocol -> protocol.name())
                .toList();
        Scored scored = new Scored(window);
        List<Row> parts = new ArrayList<>();
        for (int protocol = 0; protocol < protocols.size(); protocol++) {
            int from = 0;
            for (Row owner : scored.owners) {
                int upTo = owner.getInt(2);
                parts.add(scored.part(owner, protocols.get(protocol), scored.weights.get(protocol), from, upTo));
                from = upTo;
            }
        }
        return parts.iterator();
    }

    /** A window's columns. */
    private final class Scored {
        private final int number;
        private final int position;
        private final List<Integer> edges;
        private final List<Double> weights;
        private final List<Row> owners;
        private final List<Integer> ids;
        private final int scoreFrom;
        private final String errorClass;
        private final String errorMessage;
        private final List<Double> nlls; // null if the window failed
        private final List<Integer> ranks;
        private final List<Double> entropies;

        Scored(Row row) {
            Row scored = row.getAs(CorpusColumns.SCORED);
            number = scored.getInt(0);
            position = scored.getInt(1);
            edges = scored.getList(2);
            weights = scored.getList(3);
            owners = scored.getList(4);
            Row window = row.getAs(CorpusColumns.WINDOW);
            ids = window.getList(0);
            scoreFrom = window.getInt(1);
            errorClass = row.getAs("error_class");
            errorMessage = row.getAs("error_message");
            Row result = row.getAs(Tables.WINDOW_COLUMN.name());
            nlls = result == null ? null : result.getList(0);
            ranks = result == null ? null : result.getList(1);
            entropies = result == null ? null : result.getList(2);
        }

        Row part(Row owner, String protocol, double weight, int from, int to) {
            double nll = 0;
            double nllSquared = 0;
            double sum = 0;
            Row[] tokens = new Row[nlls != null && settings.emitTokens() ? to - from : 0];
            for (int i = from; nlls != null && i < to; i++) {
                nll += weight * nlls.get(i);
                nllSquared += weight * nlls.get(i) * nlls.get(i);
                sum += weight;
                if (settings.emitTokens()) {
                    tokens[i - from] = token(i, weight, owner.getInt(3));
                }
            }
            return RowFactory.create(
                    owner.getString(0),
                    owner.getString(1),
                    protocol,
                    number,
                    nlls == null ? 0L : (long) (to - from),
                    sum,
                    nlls == null ? 0L : (long) (edges.get(to) - edges.get(from)),
                    nll,
                    nllSquared,
                    errorClass,
                    errorMessage,
                    tokens);
        }

        private Row token(int i, double weight, int begin) {
            return RowFactory.create(
                    position + i,
                    ids.get(scoreFrom + i),
                    edges.get(i) - begin,
                    edges.get(i + 1) - begin,
                    nlls.get(i),
                    weight,
                    ranks.get(i),
                    entropies.get(i));
        }
    }
}
