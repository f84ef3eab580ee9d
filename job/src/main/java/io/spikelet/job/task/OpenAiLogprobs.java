package io.spikelet.job.task;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;

/** The {@code logprobs} of a choice in a response: tokens, their log-probabilities, the most likely ones, text offsets. */
final class OpenAiLogprobs {
    private static final String BLANK = "\u2581"; // the space character in pieces

    private final Tokenizer tokenizer;
    private final ObjectNode logprobs = new ObjectMapper().createObjectNode();
    private final ArrayNode tokens = logprobs.putArray("tokens");
    private final ArrayNode tokenLogprobs = logprobs.putArray("token_logprobs");
    private final ArrayNode topLogprobs = logprobs.putArray("top_logprobs");
    private final ArrayNode textOffset = logprobs.putArray("text_offset");
    private int offset;

    OpenAiLogprobs(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** @param row of the completions table, with the prompt's columns if {@code echo} */
    ObjectNode of(Row row, boolean echo) {
        String prompt = row.getAs("prompt");
        int[] promptIds = BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(prompt));
        if (echo) {
            promptIds = ids(row, "prompt_token_ids");
            int from = promptIds[0] == tokenizer.bosId() ? 1 : 0;
            List<String> texts = texts(tokenizer.streamDecoder(), promptIds, prompt);
            add(row, "prompt_token_ids", "prompt_logprobs", "prompt_top_token_ids", "prompt_top_logprobs", from, texts);
        }
        List<String> texts = texts(
                tokenizer.streamDecoderAfter(promptIds), ids(row, "completion_token_ids"), row.getAs("completion"));
        add(row, "completion_token_ids", "token_logprobs", "top_token_ids", "top_logprobs", 0, texts);
        return logprobs;
    }

    private static int[] ids(Row row, String column) {
        return row.<Integer>getList(row.fieldIndex(column)).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Splits a text into the part that each token adds, which may be empty; the parts joined are the text, whatever ended it. */
    private List<String> texts(Tokenizer.StreamDecoder decoder, int[] ids, String text) {
        List<String> texts = new ArrayList<>();
        StringBuilder decoded = new StringBuilder();
        int start = 0;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < tokenizer.vocabSize()) { // a model may have ids without text
                decoder.append(ids[i], decoded);
            }
            int end = i == ids.length - 1 ? text.length() : Math.min(decoded.length(), text.length());
            texts.add(text.substring(start, end));
            start = end;
        }
        return texts;
    }

    /** @param from leading tokens to leave out: BOS, which has no text */
    private void add(Row row, String ids, String chosen, String topIds, String top, int from, List<String> texts) {
        List<Integer> idList = row.getList(row.fieldIndex(ids));
        List<Float> chosenList = row.getList(row.fieldIndex(chosen));
        boolean hasTop = !row.isNullAt(row.fieldIndex(topIds));
        for (int i = from; i < idList.size(); i++) {
            String token = texts.get(i);
            tokens.add(token);
            textOffset.add(offset);
            offset += token.codePointCount(0, token.length());
            if (chosenList == null) {
                tokenLogprobs.addNull();
            } else {
                tokenLogprobs.add(chosenList.get(i));
            }
            if (hasTop && row.getList(row.fieldIndex(topIds)).get(i) == null) {
                topLogprobs.addNull(); // nothing comes before it
            } else if (hasTop) {
                List<scala.collection.Seq<Integer>> idRows = row.getList(row.fieldIndex(topIds));
                List<scala.collection.Seq<Float>> logprobRows = row.getList(row.fieldIndex(top));
                ObjectNode position = topLogprobs.addObject();
                for (int rank = 0; rank < idRows.get(i).size(); rank++) {
                    int id = idRows.get(i).apply(rank);
                    boolean isToken = id == idList.get(i) && !token.isEmpty();
                    position.put(
                            isToken ? token : spelling(id), logprobRows.get(i).apply(rank));
                }
            } else {
                topLogprobs.addObject();
            }
        }
    }

    /** Differs from token to token, as the texts of bytes and control tokens do not. */
    private String spelling(int id) {
        return tokenizer.piece(id).replace(BLANK, " ");
    }
}
