package io.spikelet.engine.telemetry;

/**
 * Neurons that are counted as one group, by layer.
 *
 * @param name in the tables and in reports
 * @param layers number of groups, one per layer; 1 for a population that exists once
 * @param units chances to fire per group and position: the number of neurons times the time steps per token
 */
public record Population(String name, int layers, long units) {
    public Population {
        if (layers < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "population " + name + " has " + layers + " layers of " + units + " units; both are at least 1");
        }
    }
}
