package io.spikelet.engine.decode;

import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;

/** One iteration of a {@link Generator}: the rows in flight, and the completions that nobody has taken yet. */
final class Generation implements Iterator<Completion> {
    private final Decoder decoder;
    private final Sampler sampler;
    private final Optional<Tokenizer> tokenizer;
    private final OptionalInt eos;
    private final Generator.Options options;
    private final Iterator<GenerationRequest> requests;
    private final ModelConfig config;
    private final List<ActiveRow> active = new ArrayList<>();
    private final List<ActiveRow> pass = new ArrayList<>();
    private final Queue<Completion> finished = new ArrayDeque<>();

    Generation(
            Decoder decoder,
            Sampler sampler,
            Optional<Tokenizer> tokenizer,
            OptionalInt eos,
            Generator.Options options,
            Iterator<GenerationRequest> requests) {
        this.decoder = decoder;
        this.sampler = sampler;
        this.tokenizer = tokenizer;
        this.eos = eos;
        this.options = options;
        this.requests = requests;
        this.config = decoder.model().config();
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty()) {
            while (active.size() < options.batchSize() && requests.hasNext()) {
                admit(requests.next());
            }
            if (!active.isEmpty()) {
                advance();
            } else if (finished.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Completion next() {
        if (!hasNext()) {
            throw new NoSuchElementException("every request has been completed");
        }
        return finished.remove();
    }

    private void admit(GenerationRequest request) {
        Optional<RowError> error = RowError.of(request, config);
        if (error.isPresent()) {
            finished.add(error.get().completion(request));
            return;
        }
        SamplingParams params = request.params();
        int wanted =
                params.policy() == SamplerPolicy.V194M ? Math.max(1, params.maxNewTokens()) : params.maxNewTokens();
        int prompt = request.promptIds().length;
        int room = options.beyondContext() ? Integer.MAX_VALUE - prompt : config.maxSeqLen() - prompt;
        int limit = Math.min(wanted, room);
        if (limit == 0) {
            finished.add(withoutTokens(request));
            return;
        }
        StopRule stop = StopRule.of(params.policy(), config.variant(), eos, tokenizer);
        try {
            // the last id is never decoded itself
            DecoderState state = decoder.allocate(prompt + limit - 1);
            active.add(new ActiveRow(request, limit, state, stop, decoder.vocabulary()));
        } catch (RuntimeException e) {
            finished.add(RowError.of(e).completion(request));
        }
    }

    private static Completion withoutTokens(GenerationRequest request) {
        return new Completion(request, "", new int[0], new float[0], 0, FinishReason.LENGTH, 0, 0, 0, 0, null, null);
    }

    /** Runs one pass and takes out the rows that ended with it. */
    private void advance() {
        pass.clear();
        try {
            run();
        } catch (RuntimeException e) {
            recover(e);
        }
        for (int i = 0; i < active.size(); i++) {
            if (active.get(i).finished()) {
                ActiveRow row = active.remove(i--);
                finish(row);
            } else if (active.get(i).secondsInFlight() > options.timeoutSeconds()) {
                ActiveRow row = active.remove(i--);
                decoder.release(row.state());
                finished.add(RowError.timeout(options.timeoutSeconds()).completion(row.request()));
            }
        }
    }

    private void run() {
        long start = System.nanoTime();
        decoder.clear();
        int free = options.maxColumns();
        for (ActiveRow row : active) { // decoding rows first: a long prompt never holds them up
            if (row.waiting() == 1) {
                free -= feed(row, 1);
            }
        }
        for (ActiveRow row : active) {
            if (row.waiting() > 1 && free > 0) {
                free -= feed(row, free);
            }
        }
        decoder.run();
        for (ActiveRow row : pass) {
            sample(row);
        }
        double nanosPerColumn = (double) (System.nanoTime() - start) / (options.maxColumns() - free);
        for (ActiveRow row : pass) {
            row.charge(row.columns() * nanosPerColumn);
        }
    }

    private int feed(ActiveRow row, int most) {
        pass.add(row);
        row.feed(decoder, most);
        return row.columns();
    }

    private void sample(ActiveRow row) {
        try {
            row.sample(decoder, sampler);
        } catch (RuntimeException e) {
            fail(row, e);
        }
    }

    /**
     * After a pass that failed its states are worth nothing, and which row it was is unknown. Each of its rows is decoded
     * again from its first token in passes of its own; those that fail again are the errors.
     */
    private void recover(RuntimeException cause) {
        List<ActiveRow> suspects = List.copyOf(pass);
        if (suspects.isEmpty()) {
            throw cause;
        }
        for (ActiveRow row : suspects) {
            if (suspects.size() == 1) {
                fail(row, cause);
                continue;
            }
            try {
                replay(row);
            } catch (RuntimeException e) {
                fail(row, e);
            }
        }
    }

    private void replay(ActiveRow row) {
        row.rewind();
        while (row.waiting() > 0) {
            decoder.clear();
            row.feed(decoder, options.maxColumns());
            decoder.run();
        }
        row.sample(decoder, sampler);
    }

    private void fail(ActiveRow row, RuntimeException cause) {
        active.remove(row);
        decoder.release(row.state());
        finished.add(RowError.of(cause).completion(row.request()));
    }

    private void finish(ActiveRow row) {
        try {
            finished.add(row.completion(tokenizer, config));
        } catch (RuntimeException e) {
            finished.add(RowError.of(e).completion(row.request()));
        }
        decoder.release(row.state());
    }
}
