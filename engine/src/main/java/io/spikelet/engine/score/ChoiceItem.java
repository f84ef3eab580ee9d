package io.spikelet.engine.score;

import java.util.List;

/** Continuations whose likelihoods are to be compared, each after its own context. */
public record ChoiceItem(String rowId, List<Request> requests) {
    public ChoiceItem {
        requests = List.copyOf(requests);
    }

    /** One continuation; white space between context and continuation is part of one of them. */
    public record Request(String context, String continuation) {}
}
