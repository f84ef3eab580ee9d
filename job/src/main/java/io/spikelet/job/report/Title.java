package io.spikelet.job.report;

import java.util.Optional;
import org.apache.spark.sql.Row;

/** The heading of a page and the line below it. */
record Title(String heading, String below) {
    /**
     * Of a run.
     *
     * @param runs how many runs made the tables, of which this is the last
     */
    static Title of(Row run, int runs) {
        String command = run.getAs("command");
        String model = model(run);
        String input = " on " + lastOf(ConfigurationSection.option(run, "input").orElse("?"));
        String heading = switch (command) {
            case "generate" -> "Completions of " + model + input;
            case "perplexity" -> "Perplexity of " + model + input;
            case "choice" ->
                "Choices of " + model + " in "
                        + ConfigurationSection.option(run, "task").orElse("?") + input;
            case "compare" ->
                model + " against "
                        + without(
                                ConfigurationSection.option(run, "baseline").orElse("?"),
                                ConfigurationSection.option(run, "baseline-ablate"))
                        + input;
            default -> command + " of " + model + input;
        };
        return new Title(
                heading,
                "spikelet " + command + ", run " + run.<String>getAs("run_id") + ", model variant "
                        + run.<String>getAs("model_variant") + ", "
                        + Markup.count(run.<Long>getAs("rows")) + " rows in "
                        + Markup.number(run.<Double>getAs("wall_seconds"), 3) + " s, finished " + finished(run)
                        + (runs > 1 ? "; " + runs + " runs made these tables, this is the last of them" : "") + ".");
    }

    /** Of two runs that were compared. */
    static Title of(Row run, Row baseline) {
        return new Title(
                model(run) + " against " + model(baseline) + " on "
                        + lastOf(ConfigurationSection.option(run, "input").orElse("?")),
                "spikelet compare-runs, run " + run.<String>getAs("run_id") + ", finished " + finished(run)
                        + ", against run " + baseline.<String>getAs("run_id") + ", finished " + finished(baseline)
                        + ".");
    }

    private static String model(Row run) {
        return without(run.getAs("model"), ConfigurationSection.option(run, "ablate"));
    }

    private static String without(String model, Optional<String> parts) {
        return lastOf(model)
                + parts.filter(names -> !names.isEmpty())
                        .map(names -> " without " + names)
                        .orElse("");
    }

    private static String lastOf(String path) {
        String plain = path.replaceAll("/+$", "");
        return plain.substring(plain.lastIndexOf('/') + 1);
    }

    /** To the second. */
    private static String finished(Row run) {
        return String.valueOf(run.<Object>getAs("finished_at")).replaceFirst("\\.\\d+", "");
    }
}
