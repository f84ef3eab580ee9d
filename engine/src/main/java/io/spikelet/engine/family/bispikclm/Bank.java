package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.telemetry.Population;
import java.util.ArrayList;
import java.util.List;

/** The banks of neurons of a block, named as in the specification. */
enum Bank {
    QUERY("q"),
    KEY("k"),
    VALUE("v"),
    SCORE("attn"),
    CONTEXT("context"),
    ATTENTION_OUTPUT("c"),
    RESIDUAL("residual"),
    HIDDEN("u"),
    MLP_OUTPUT("d"),
    BLOCK_OUTPUT("h");

    /** Name of the bank that encodes the input, before block 0. */
    static final String INPUT = "input";

    private final String label;

    Bank(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** Whether models of a configuration have this bank. */
    boolean exists(BispikclmConfig config) {
        return switch (this) {
            case CONTEXT -> config.contextSpike();
            case RESIDUAL -> config.residualSpike();
            case MLP_OUTPUT -> config.mlpOutputSpike();
            case BLOCK_OUTPUT -> config.blockOutputSpike();
            default -> true;
        };
    }

    /** The model's banks as counted populations; a neuron has one chance to fire per time step. */
    static List<Population> populations(BispikclmConfig config) {
        List<Population> populations = new ArrayList<>();
        if (config.inputSpike()) {
            populations.add(new Population(INPUT, 1, (long) config.width() * config.steps()));
        }
        for (Bank bank : values()) {
            if (bank.exists(config) && bank != SCORE) {
                int width = bank == HIDDEN ? config.hidden() : config.width();
                populations.add(new Population(bank.label, config.layers(), (long) width * config.steps()));
            }
        }
        return List.copyOf(populations);
    }
}
