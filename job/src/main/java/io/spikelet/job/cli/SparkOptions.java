package io.spikelet.job.cli;

import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.Progress;
import io.spikelet.job.action.SparkSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "A Spark property; may be repeated.")
    private Map<String, String> conf = new LinkedHashMap<>();

    SparkSettings settings() {
        return new SparkSettings(Optional.ofNullable(master), conf);
    }

    /** Opens the session of the command. */
    OpenSession open() {
        return open(settings());
    }

    /** The same with other settings. Spark takes seconds to start: a terminal shows a line meanwhile. */
    OpenSession open(SparkSettings settings) {
        Progress progress = TerminalLine.of(command.commandLine().getErr());
        progress.live("starting Spark");
        try {
            return settings.open("spikelet " + command.commandLine().getCommandName());
        } finally {
            progress.live("");
        }
    }
}
