package io.spikelet.job.task;

import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.Window;
import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.schema.CorpusColumns;
import io.spikelet.job.schema.ErrorClass;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Joins the documents of a partition, which contains all documents in order, to the one string that some protocols
 * score, and splits it into windows: a row of {@link CorpusColumns} for every document, then one for every window. Documents
 * without text are joined as empty strings, refused documents are left out. A token belongs to the document in which it
 * begins; a separator to the one before it.
 *
 * @param layout which of {@link ScoringSettings#layouts}
 */
public record CorpusWindower(Broadcast<ModelHandle> handle, ScoringSettings settings, RowLimits limits, int layout)
        implements MapPartitionsFunction<Row, Row> {
    private static final long MOST_BYTES = 1 << 30;
    private static final int MEMORY_PER_BYTE = 12; // the string, normalized, origins of its bytes, tokens and edges

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return rows;
        }
        Tokenizer tokenizer = TaskModel.lease(handle.value()).tokenizer();
        List<PerplexityProtocol> protocols = settings.layouts().get(layout);
        PerplexityProtocol first = protocols.getFirst();
        OptionalInt prefix = first.isPrefixed() ? settings.prefix().token(tokenizer) : OptionalInt.empty();
        List<Place> places = new ArrayList<>();
        String text = join(rows, first, tokenizer, places);
        Encoding encoding = tokenizer.locate(text);
        CorpusWindows corpus = new CorpusWindows(encoding, prefix, places);
        int length = encoding.ids().length + (prefix.isPresent() ? 1 : 0);
        List<List<Window>> windows =
                protocols.stream().map(protocol -> protocol.windows(length)).toList();
        String refusal = windows.getFirst().isEmpty()
                ? "the documents together have " + encoding.ids().length + " tokens; protocol " + first.name()
                        + " with --context " + first.context() + " scores none of them"
                : null;
        Stream<Row> ofPlaces = IntStream.range(0, places.size()).mapToObj(i -> corpus.place(i, refusal, layout));
        Stream<Row> ofWindows =
                IntStream.range(0, windows.getFirst().size()).mapToObj(i -> corpus.window(i, windows, layout));
        return Stream.concat(ofPlaces, ofWindows).iterator();
    }

    private String join(Iterator<Row> rows, PerplexityProtocol protocol, Tokenizer tokenizer, List<Place> places) {
        String separator = protocol.separator().orElseThrow();
        StringBuilder text = new StringBuilder();
        long bytes = 0;
        boolean isFirst = true;
        while (rows.hasNext()) {
            Row source = rows.next();
            String own = source.isNullAt(SourceRow.TEXT) ? "" : source.getString(SourceRow.TEXT);
            Place place = Place.of(source, own, tokenizer, limits);
            if (place.joins()) {
                if (!isFirst) {
                    text.append(separator);
                    bytes += separator.length();
                }
                isFirst = false;
                place = place.at((int) bytes);
                text.append(own);
                bytes += own.getBytes(StandardCharsets.UTF_8).length;
                requireMemory(bytes, protocol);
            }
            places.add(place);
        }
        return text.toString();
    }

    private static void requireMemory(long bytes, PerplexityProtocol protocol) {
        long allowed = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / MEMORY_PER_BYTE);
        if (bytes > allowed) {
            throw new IllegalStateException("the documents have more than " + allowed + " bytes; protocol "
                    + protocol.name() + " joins them to one string, which one task reads: use --limit, more memory for"
                    + " the executors, or a protocol that scores each document on its own");
        }
    }

    /**
     * A document and its position in the string.
     *
     * @param begin its first byte, -1 while it has none
     * @param errorClass why it is not joined, or null
     */
    record Place(Row source, int begin, String errorClass, String errorMessage) {
        static Place of(Row source, String text, Tokenizer tokenizer, RowLimits limits) {
            String defect = source.isNullAt(SourceRow.ERROR_CLASS) ? null : source.getString(SourceRow.ERROR_CLASS);
            Row kept = withoutText(source);
            if (defect != null && !defect.equals(ErrorClass.EMPTY_INPUT)) {
                return new Place(kept, -1, defect, source.getString(SourceRow.ERROR_MESSAGE));
            }
            Optional<String> refusal = limits.refusal(tokenizer, text);
            return new Place(kept, -1, refusal.isPresent() ? ErrorClass.TOO_LONG : null, refusal.orElse(null));
        }

        private static Row withoutText(Row source) {
            Object[] values = new Object[source.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = i == SourceRow.TEXT ? null : source.get(i);
            }
            return RowFactory.create(values);
        }

        boolean joins() {
            return errorClass == null;
        }

        Place at(int firstByte) {
            return new Place(source, firstByte, errorClass, errorMessage);
        }
    }

    /** The rows of one string. Not thread-safe. */
    private static final class CorpusWindows {
        private final int[] ids;
        private final int[] edges;
        private final OptionalInt prefix;
        private final int shift;
        private final List<Place> places;
        private final int[] owners; // (token) -> place
        private final long[] tokens; // (place)

        CorpusWindows(Encoding encoding, OptionalInt prefix, List<Place> places) {
            this.ids = encoding.ids();
            this.edges = encoding.edges();
            this.prefix = prefix;
            this.shift = prefix.isPresent() ? 1 : 0;
            this.places = places;
            this.owners = new int[ids.length];
            this.tokens = new long[places.size()];
            int owner = 0;
            for (int token = 0; token < ids.length; token++) {
                owner = owner(owner, edges[token]);
                owners[token] = owner;
                tokens[owner]++;
            }
        }

        /** The last place from {@code from} on that begins at a byte or before it. */
        private int owner(int from, int edge) {
            int owner = from;
            for (int i = from; i < places.size(); i++) {
                if (places.get(i).joins()) {
                    if (places.get(i).begin() > edge) {
                        break;
                    }
                    owner = i;
                }
            }
            return owner;
        }

        Row place(int index, String refusal, int layout) {
            Place place = places.get(index);
            Object[] values = CorpusColumns.values(place.source());
            values[SourceRow.ERROR_CLASS] =
                    place.joins() && refusal != null ? ErrorClass.TOO_SHORT : place.errorClass();
            values[SourceRow.ERROR_MESSAGE] = place.joins() && refusal != null ? refusal : place.errorMessage();
            CorpusColumns.set(values, CorpusColumns.LAYOUT, layout);
            CorpusColumns.set(values, CorpusColumns.TOKENS, tokens[index]);
            CorpusColumns.set(values, CorpusColumns.PREFIX, prefix.isPresent() ? (Integer) prefix.getAsInt() : null);
            return RowFactory.create(values);
        }

        /** @param windows of each protocol of the layout, the same but for the weights */
        Row window(int number, List<List<Window>> windows, int layout) {
            Window window = windows.getFirst().get(number);
            int[] input = IntStream.rangeClosed(window.begin(), window.end())
                    .map(at -> input(window, at))
                    .toArray();
            int scoreFrom = window.scoreFrom() - window.begin();
            int from = window.scoreFrom() - shift;
            int to = window.end() + 1 - shift;
            int[] own = IntStream.rangeClosed(from, to).map(i -> edges[i]).toArray();
            double[] weights = windows.stream()
                    .mapToDouble(ofProtocol -> ofProtocol.get(number).weight())
                    .toArray();
            Object[] values = CorpusColumns.values(places.getFirst().source());
            Arrays.fill(values, null);
            String hash = hash(input, scoreFrom);
            values[InputRows.LEADING_COLUMNS.fieldIndex(InputRows.SAMPLES)] = 1;
            values[SourceRow.ROW_ID] = CorpusColumns.WINDOW_ID_PREFIX + hash;
            values[SourceRow.CONTENT_SHA256] = hash;
            CorpusColumns.set(values, CorpusColumns.LAYOUT, layout);
            CorpusColumns.set(values, CorpusColumns.WINDOW, RowFactory.create(input, scoreFrom));
            CorpusColumns.set(
                    values, CorpusColumns.SCORED, RowFactory.create(number, from, own, weights, owners(from, to)));
            return RowFactory.create(values);
        }

        private int input(Window window, int at) {
            boolean isPrefix = at < shift || at == window.begin() && window.prefixFirst() && prefix.isPresent();
            return isPrefix ? prefix.getAsInt() : ids[at - shift];
        }

        /** The documents of the tokens, in runs. */
        private Row[] owners(int from, int to) {
            List<Row> runs = new ArrayList<>();
            for (int token = from; token < to; token++) {
                if (token + 1 == to || owners[token + 1] != owners[token]) {
                    Place place = places.get(owners[token]);
                    runs.add(RowFactory.create(
                            place.source().getString(SourceRow.ROW_ID),
                            place.source().getString(SourceRow.CONTENT_SHA256),
                            token + 1 - from,
                            place.begin()));
                }
            }
            return runs.toArray(Row[]::new);
        }

        private static String hash(int[] input, int scoreFrom) {
            ByteBuffer bytes = ByteBuffer.allocate((input.length + 1) * Integer.BYTES);
            bytes.asIntBuffer().put(scoreFrom).put(input);
            return Sha256.hex(bytes.array());
        }
    }
}
