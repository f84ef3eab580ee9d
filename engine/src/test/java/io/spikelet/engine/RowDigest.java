package io.spikelet.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One digest of a few rows as the engine alone completes and scores them. The job's test computes the same from its tables, and
 * both compare it with the digests in {@code digests.properties}: so what holds for every machine and batch here and for
 * every partitioning there holds for all of them together.
 */
final class RowDigest {
    private static final Path FOLDER = Fixtures.projectRoot().resolve("engine/src/test/resources/digest");
    private static final int SEED = 11;
    private static final int NEW_TOKENS = 4;

    private RowDigest() {}

    /** The digests by model. */
    static Map<String, String> expected() throws IOException {
        Properties digests = new Properties();
        try (Reader in = Files.newBufferedReader(FOLDER.resolve("digests.properties"))) {
            digests.load(in);
        }
        return digests.stringPropertyNames().stream().collect(Collectors.toMap(name -> name, digests::getProperty));
    }

    static String of(SpikingModel model, int batch) throws IOException, NoSuchAlgorithmException {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        SamplerPolicy policy = model.config().sampler();
        BosPolicy bos = policy.prefixesPrompts() ? BosPolicy.PREPEND : BosPolicy.NONE;
        SamplingParams params = SamplingParams.defaults(policy)
                .change()
                .maxNewTokens(NEW_TOKENS)
                .build();
        List<GenerationRequest> requests = new ArrayList<>();
        List<ScoringDocument> documents = new ArrayList<>();
        for (String line : Files.readAllLines(FOLDER.resolve("rows.jsonl"))) {
            JsonNode row = new ObjectMapper().readTree(line);
            String id = row.get("id").textValue();
            String text = row.get("text").textValue();
            requests.add(new GenerationRequest(id, bos.apply(tokenizer, tokenizer.encode(text)), params, SEED, 0));
            documents.add(new ScoringDocument(id, text));
        }
        Map<String, String> rows = new TreeMap<>();
        try (Generator generator = new Generator(model, tokenizer, new Generator.Options(batch, batch + 8, false))) {
            generator.generate(requests.iterator()).forEachRemaining(c -> {
                String ids =
                        IntStream.of(c.tokenIds()).mapToObj(String::valueOf).collect(Collectors.joining(","));
                rows.put(c.request().rowId(), ids + " " + bits(c.sumLogprob()));
            });
        }
        try (TokenScorer scorer = new TokenScorer(
                model, tokenizer, List.of(new DocumentProtocol(24, 10)), new TokenScorer.Options(batch, false))) {
            scorer.score(documents.iterator())
                    .forEachRemaining(unit -> unit.scores()
                            .forEach(score -> rows.merge(
                                    score.rowId(),
                                    " " + score.scoredTokens() + " " + bits(score.nll()),
                                    String::concat)));
        }
        String text = rows.entrySet().stream()
                .map(row -> row.getKey() + " " + row.getValue() + "\n")
                .collect(Collectors.joining());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String bits(double value) {
        return Long.toHexString(Double.doubleToRawLongBits(value));
    }
}
