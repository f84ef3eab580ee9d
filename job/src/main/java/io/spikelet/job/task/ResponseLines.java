package io.spikelet.job.task;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.BatchFiles;
import io.spikelet.job.schema.ErrorClass;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/**
 * Completions as lines of an OpenAI batch output file. An invalid request has a response of status 400 with the error
 * in its body; a request that failed in the engine has an error and no response.
 *
 * @param model named in responses to requests that name none
 */
public record ResponseLines(Broadcast<ModelHandle> handle, String runId, String model, long createdSeconds)
        implements MapPartitionsFunction<Row, String> {
    /** The completions of a request, as rows of their table, in an array of this name: by prompt, then by sample. */
    public static final String SAMPLES = "samples";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BAD_REQUEST = 400;
    private static final int OK = 200;
    private static final Set<String> OWN_FAULTS = Set.of(ErrorClass.ENGINE_ERROR, ErrorClass.TIMEOUT);

    @Override
    public Iterator<String> call(Iterator<Row> requests) {
        Tokenizer tokenizer = TaskModel.lease(handle.value()).tokenizer();
        Iterable<Row> rows = () -> requests;
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> line(row.getList(row.fieldIndex(SAMPLES)), tokenizer))
                .iterator();
    }

    private String line(List<Row> samples, Tokenizer tokenizer) {
        Row first = samples.getFirst();
        int file = first.<Integer>getAs(BatchFiles.FILE) + 1;
        String number = runId + "-" + file + "-" + first.getAs(BatchFiles.LINE);
        ObjectNode line = JSON.createObjectNode();
        line.put("id", "batch_req_" + number);
        line.put("custom_id", first.<String>getAs(BatchFiles.ID));
        Row failed = samples.stream()
                .filter(row -> row.getAs("error_class") != null)
                .findFirst()
                .orElse(null);
        if (failed != null && OWN_FAULTS.contains(failed.<String>getAs("error_class"))) {
            line.putNull("response");
            line.putObject("error")
                    .put("code", failed.<String>getAs("error_class"))
                    .put("message", failed.<String>getAs("error_message"));
            return line.toString();
        }
        ObjectNode response = line.putObject("response");
        response.put("status_code", failed == null ? OK : BAD_REQUEST);
        response.put("request_id", "req_" + number);
        if (failed == null) {
            setBody(response.putObject("body"), "cmpl-" + number, samples, tokenizer);
        } else {
            setError(response.putObject("body"), failed);
        }
        line.putNull("error");
        return line.toString();
    }

    private static void setError(ObjectNode body, Row failed) {
        body.putObject("error")
                .put("message", failed.<String>getAs("error_message"))
                .put("type", "invalid_request_error")
                .putNull("param")
                .put("code", failed.<String>getAs("error_class"));
    }

    private void setBody(ObjectNode body, String id, List<Row> samples, Tokenizer tokenizer) {
        Row first = samples.getFirst();
        String named = first.getAs(BatchFiles.MODEL);
        body.put("id", id).put("object", "text_completion").put("created", createdSeconds);
        body.put("model", named == null ? model : named);
        ArrayNode choices = body.putArray("choices");
        int promptTokens = 0;
        int completionTokens = 0;
        for (Row row : samples) {
            boolean echo = row.<Boolean>getAs(BatchFiles.ECHO);
            ObjectNode choice = choices.addObject();
            choice.put("index", choices.size() - 1);
            choice.put("text", (echo ? row.<String>getAs("prompt") : "") + row.<String>getAs("completion"));
            if (row.getAs(BatchFiles.LOGPROBS) == null) {
                choice.putNull("logprobs");
            } else {
                choice.set("logprobs", new OpenAiLogprobs(tokenizer).of(row, echo));
            }
            choice.put("finish_reason", row.<String>getAs("finish_reason"));
            promptTokens += row.<Integer>getAs("sample_index") == 0 ? row.<Integer>getAs("prompt_tokens") : 0;
            completionTokens += row.<Integer>getAs("completion_tokens");
        }
        body.putObject("usage")
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
    }
}
