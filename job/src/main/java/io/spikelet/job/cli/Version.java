package io.spikelet.job.cli;

import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: Spikelet, the JVM and Spark. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "spikelet " + of(Main.class),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch"),
            "Spark " + of(SparkSession.class),
        };
    }

    /** The version in the manifest of the jar that holds a class. */
    private static String of(Class<?> type) {
        return Optional.ofNullable(type.getPackage().getImplementationVersion()).orElse("(not from a jar)");
    }
}
