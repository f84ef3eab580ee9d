package io.spikelet.job.cli;

import io.spikelet.job.action.SparkSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command runs. */
final class SparkOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark master; default what spark-submit says, else " + SparkSettings.DEFAULT_MASTER + ".")
    private String master;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "Partitions to cut the rows into; results do not depend on it. Default: what suits the cores.")
    private Integer partitions;

    @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "A Spark property; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    SparkSettings settings() {
        return new SparkSettings(Optional.ofNullable(master), conf);
    }

    OptionalInt partitions() {
        if (partitions == null) {
            return OptionalInt.empty();
        }
        if (partitions < 1) {
            throw new ParameterException(
                    command.commandLine(), "--partitions is " + partitions + "; it must be at least 1");
        }
        return OptionalInt.of(partitions);
    }
}
