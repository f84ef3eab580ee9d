package io.spikelet.job.cli;

import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The number of partitions of a command. */
final class PartitionOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Number of partitions; results do not depend on it. Default: chosen for the number of cores.")
    private Integer partitions;

    OptionalInt number() {
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
