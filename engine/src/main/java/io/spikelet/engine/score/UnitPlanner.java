package io.spikelet.engine.score;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Turns units into plans. Immutable. */
final class UnitPlanner {
    private static final int[] NOWHERE = {};

    private final Tokenizer tokenizer;
    private final List<PerplexityProtocol> protocols;
    private final OptionalInt prefixToken;
    private final boolean locates;

    /** @param tokenScores whether the positions of the tokens are needed */
    UnitPlanner(Tokenizer tokenizer, List<PerplexityProtocol> protocols, PrefixPolicy policy, boolean tokenScores) {
        this.tokenizer = tokenizer;
        this.protocols = protocols;
        boolean needsPrefix = protocols.stream().anyMatch(PerplexityProtocol::isPrefixed);
        this.prefixToken = needsPrefix ? policy.token(tokenizer) : OptionalInt.empty();
        this.locates = tokenScores
                || protocols.stream().anyMatch(protocol -> protocol.separator().isPresent());
    }

    UnitPlan plan(ScoringUnit unit) {
        return switch (unit) {
            case ScoringDocument document -> document(document);
            case ScoringWindow window -> window(window);
        };
    }

    private UnitPlan document(ScoringDocument document) {
        Encoding encoding =
                locates ? tokenizer.locate(document.text()) : new Encoding(tokenizer.encode(document.text()), NOWHERE);
        int[] ids = encoding.ids();
        int prefix = prefixToken.isPresent() ? 1 : 0;
        int[] sequence = new int[prefix + ids.length];
        System.arraycopy(ids, 0, sequence, prefix, ids.length);
        prefixToken.ifPresent(token -> sequence[0] = token);
        List<List<Window>> windows = new ArrayList<>();
        for (PerplexityProtocol protocol : protocols) {
            int skipped = protocol.isPrefixed() ? 0 : prefix;
            List<Window> own = protocol.windows(sequence.length - skipped).stream()
                    .map(window -> placed(window, skipped))
                    .toList();
            windows.add(own);
        }
        return new UnitPlan(
                document, sequence, prefix, prefixToken, encoding.edges(), windows, ScoringRun.share(windows));
    }

    private Window placed(Window window, int shift) {
        return new Window(
                window.begin() + shift,
                window.end() + shift,
                window.scoreFrom() + shift,
                window.prefixFirst() && prefixToken.isPresent(),
                window.weight());
    }

    private static UnitPlan window(ScoringWindow unit) {
        int last = unit.tokenIds().length - 1;
        List<List<Window>> windows = List.of(List.of(new Window(0, last, unit.scoreFrom())));
        return new UnitPlan(unit, unit.tokenIds(), 0, OptionalInt.empty(), NOWHERE, windows, ScoringRun.share(windows));
    }
}
