package io.spikelet.job.cli;

import io.spikelet.job.action.SparkSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a command runs. */
final class SparkOptions {
    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark master; default what spark-submit says, else " + SparkSettings.DEFAULT_MASTER + ".")
    private String master;

    @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "A Spark property; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    SparkSettings settings() {
        return new SparkSettings(Optional.ofNullable(master), conf);
    }
}
