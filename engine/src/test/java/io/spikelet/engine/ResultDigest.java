package io.spikelet.engine;

import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.BlockProtocol;
import io.spikelet.engine.score.DocumentProtocol;
import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Prints the kernels of this JVM, and then for every batch size and prefill block one digest of everything that the engine
 * says about a few texts: completions and their probabilities, what tokens score, logits. Started by {@link
 * BitIdentityTest} in JVMs of many kinds.
 */
final class ResultDigest {
    private static final List<String> PROMPTS = List.of(
            "",
            "The state of the union",
            "Call me",
            "And it came to pass",
            "The state of the union is such that we may look forward to another year of peace",
            "Whale, \u00e9tude \ud83d\udc0b");
    private static final List<String> DOCUMENTS = List.of(
            "The captain walked the deck at night, and looked over the dark water for the white whale that had taken"
                    + " his leg; nobody dared to speak to him.",
            "In the beginning was the word.");
    /** Between a directory and the type of its keys and values. */
    static final String KEY_VALUE_CACHE = " kv-cache ";

    /** Every batch with every block; otherwise every batch with a block of its own. */
    static final String ALL = "all";

    /** Before a directory whose {@link RowDigest} is wanted. */
    static final String ROWS = "rows ";

    private static final int[] BATCHES = {1, 3, 16};
    private static final int[] BLOCKS = {1, 7, 64};
    private static final int SAMPLES = 3;
    private static final int NEW_TOKENS = 5;

    private final SpikingModel model;
    private final Tokenizer tokenizer;
    private final MessageDigest digest;

    private ResultDigest(SpikingModel model) throws NoSuchAlgorithmException {
        this.model = model;
        this.tokenizer = model.tokenizer().orElseThrow();
        this.digest = MessageDigest.getInstance("SHA-256");
    }

    /** @param args {@link #ALL} or what is not, then models */
    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        System.out.println(KernelChoice.description());
        for (String arg : List.of(args).subList(1, args.length)) {
            if (arg.startsWith(ROWS)) {
                try (SpikingModel model = SpikingModel.open(Path.of(arg.substring(ROWS.length())), Families.all())) {
                    for (int batch : BATCHES) {
                        System.out.println(batch + " rows " + RowDigest.of(model, batch));
                    }
                }
                continue;
            }
            String[] parts = arg.split(KEY_VALUE_CACHE);
            try (SpikingModel whole = SpikingModel.open(Path.of(parts[0]), Families.all())) {
                KeyValueType type = parts.length == 1 ? null : KeyValueType.ofLabel(parts[1]);
                SpikingModel model = whole.with(new ModelSettings(Set.of(), type));
                for (int i = 0; i < BATCHES.length; i++) {
                    for (int block : args[0].equals(ALL) ? BLOCKS : new int[] {BLOCKS[i]}) {
                        String hex = new ResultDigest(model).of(BATCHES[i], block);
                        System.out.println(BATCHES[i] + " " + block + " " + hex);
                    }
                }
            }
        }
    }

    private String of(int batch, int block) {
        complete(batch, batch - 1 + block); // what decoding rows leave of a pass is the block
        score(new DocumentProtocol(24, 12), batch - 1 + block);
        score(new BlockProtocol(24), batch - 1 + block);
        logits(block);
        return HexFormat.of().formatHex(digest.digest());
    }

    private void complete(int batch, int maxColumns) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < PROMPTS.size() * SAMPLES; i++) {
            int[] prompt = BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(PROMPTS.get(i / SAMPLES)));
            SamplerPolicy policy = Samplers.ALL.get(i % Samplers.ALL.size());
            requests.add(new GenerationRequest(
                    "row-" + i / SAMPLES, prompt, params(policy, 1 + i % NEW_TOKENS), 7, i % SAMPLES));
        }
        List<Completion> completions = new ArrayList<>();
        try (Generator generator = new Generator(model, tokenizer, new Generator.Options(batch, maxColumns, false))) {
            generator.generate(requests.iterator()).forEachRemaining(completions::add);
        }
        completions.sort(Comparator.comparing((Completion c) -> c.request().rowId())
                .thenComparing(c -> c.request().sampleIndex()));
        for (Completion c : completions) {
            add(c.text() + c.finishReason() + c.errorMessage());
            for (int i = 0; i < c.tokenIds().length; i++) {
                add(c.tokenIds()[i]);
                add(Float.floatToRawIntBits(c.tokenLogprobs()[i]));
            }
            add(c.sumLogprob());
            add(c.spikes().rate("encoder").orElse(0));
            add(c.spikes().rate("ffn").orElse(0));
        }
    }

    private static SamplingParams params(SamplerPolicy policy, int newTokens) {
        SamplingParams.Builder params = SamplingParams.defaults(policy).change().maxNewTokens(newTokens);
        if (policy.isGreedy()) {
            return params.bannedIds(5).build();
        }
        return policy == SymbolicLightSampler.V0_8B
                ? params.repetitionPenalty(1.1f).bannedIds(5).build()
                : params.build();
    }

    private void score(PerplexityProtocol protocol, int maxColumns) {
        List<ScoringDocument> documents = new ArrayList<>();
        for (String text : DOCUMENTS) {
            documents.add(new ScoringDocument("document-" + documents.size(), text));
        }
        List<DocumentScore> scores = new ArrayList<>();
        TokenScorer.Options options = new TokenScorer.Options(maxColumns, true);
        try (TokenScorer scorer = new TokenScorer(model, tokenizer, List.of(protocol), options)) {
            scorer.score(documents.iterator()).forEachRemaining(unit -> scores.addAll(unit.scores()));
        }
        scores.sort(Comparator.comparing(DocumentScore::rowId));
        for (DocumentScore score : scores) {
            add(score.rowId() + score.errorMessage());
            add(score.nll());
            add(score.spikes().rate("encoder").orElse(0));
            for (String population : List.of(
                    "q", "k", "v", "context", "c", "u", "d", "h", "residual", "input", "lif1", "lif2", "relu_zero")) {
                for (double rate : score.spikes().rates(population)) {
                    add(rate);
                }
            }
            for (double rate : score.spikes().rates("ffn")) {
                add(rate);
            }
            for (double nll : score.tokenScores().orElseThrow().nlls()) {
                add(nll);
            }
            for (double entropy : score.tokenScores().orElseThrow().entropies()) {
                add(entropy);
            }
        }
    }

    private void logits(int block) {
        int[] ids = BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode(DOCUMENTS.getLast()));
        try (Decoder decoder = new Decoder(model, block)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int from = 0; from < ids.length; from += block) {
                decoder.clear();
                for (int i = from; i < Math.min(ids.length, from + block); i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
                int count = (Math.min(ids.length, from + block) - from) * decoder.vocabulary();
                for (int i = 0; i < count; i++) {
                    add(Float.floatToRawIntBits(decoder.logits()[i]));
                }
            }
        }
    }

    private void add(String text) {
        digest.update(String.valueOf(text).getBytes(StandardCharsets.UTF_8));
    }

    private void add(int value) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
    }

    private void add(double value) {
        digest.update(ByteBuffer.allocate(Long.BYTES)
                .putLong(Double.doubleToRawLongBits(value))
                .flip());
    }
}
