package io.spikelet.job.cli;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The option that names a job file: {@code --job-file}, and {@code --config} where a command has no other use for that. */
final class ConfigFileOption {
    /** The name that every command has. */
    static final String NAME = "--job-file";

    private static final String SHORT = "--config";

    private ConfigFileOption() {}

    /** Gives it to every command. */
    static void addTo(CommandLine commands) {
        for (CommandLine command : commands.getSubcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            boolean isTaken = spec.findOption(SHORT) != null;
            spec.addOption(OptionSpec.builder(isTaken ? new String[] {NAME} : new String[] {SHORT, NAME})
                    .type(Path.class)
                    .paramLabel("FILE")
                    .description(
                            "A job file: YAML with option names without dashes. The command line takes precedence over "
                                    + "it, and it takes precedence over Spark properties named spark.spikelet.OPTION.")
                    .build());
        }
    }

    /** The file that the command line of a command has named, or null. */
    static Path file(CommandSpec command) {
        return command.findOption(NAME).getValue();
    }
}
