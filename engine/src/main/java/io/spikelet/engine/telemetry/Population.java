package io.spikelet.engine.telemetry;

/**
 * Neurons that are counted as one group, by layer.
 *
 * @param name in the tables and in reports
 * @param layers groups of them, one for each layer; 1 for a population that is there once
 * @param units chances to fire of each group and position: neurons, times the steps that each runs for a token
 */
public record Population(String name, int layers, long units) {
    public Population {
        if (layers < 1 || units < 1) {
            throw new IllegalArgumentException(
                    "population " + name + " has " + layers + " layers of " + units + " units; both are at least 1");
        }
    }
}
