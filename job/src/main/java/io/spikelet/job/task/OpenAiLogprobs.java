package io.spikelet.job.task;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.token.Tokenizer;
import java.util.List;
import org.apache.spark.sql.Row;

/** The {@code logprobs} of a choice in a response: tokens, their log-probabilities, the most likely ones, text offsets. */
final class OpenAiLogprobs {
    private static final String BLANK = "\u2581"; // how pieces spell a space

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
        if (echo) {
            int first = row.<Integer>getList(row.fieldIndex("prompt_token_ids")).getFirst();
            int from = first == tokenizer.bosId() ? 1 : 0;
            add(row, "prompt_token_ids", "prompt_logprobs", "prompt_top_token_ids", "prompt_top_logprobs", from);
        }
        add(row, "completion_token_ids", "token_logprobs", "top_token_ids", "top_logprobs", 0);
        return logprobs;
    }

    /** @param from leading tokens to leave out: BOS, which is no text */
    private void add(Row row, String ids, String chosen, String topIds, String top, int from) {
        List<Integer> idList = row.getList(row.fieldIndex(ids));
        List<Float> chosenList = row.getList(row.fieldIndex(chosen));
        boolean hasTop = !row.isNullAt(row.fieldIndex(topIds));
        for (int i = from; i < idList.size(); i++) {
            String token = text(idList.get(i));
            tokens.add(token);
            textOffset.add(offset);
            offset += token.length();
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
                    position.put(
                            text(idRows.get(i).apply(rank)), logprobRows.get(i).apply(rank));
                }
            } else {
                topLogprobs.addObject();
            }
        }
    }

    private String text(int id) {
        return tokenizer.piece(id).replace(BLANK, " ");
    }
}
