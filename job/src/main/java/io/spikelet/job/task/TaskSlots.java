package io.spikelet.job.task;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/** The number of tasks that Spark runs in this JVM at the same time; they share its heap. */
final class TaskSlots {
    private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+|\\*)(,.*)?]");

    private TaskSlots() {}

    /** Threads of a local master, cores of an executor; the machine's processors where Spark does not say. */
    static int ofThisJvm() {
        return of(SparkEnv.get().conf(), Runtime.getRuntime().availableProcessors());
    }

    static int of(SparkConf conf, int processors) {
        String master = conf.get("spark.master", "");
        Matcher local = LOCAL.matcher(master);
        if (local.matches()) {
            return local.group(1).equals("*") ? processors : Math.max(1, Integer.parseInt(local.group(1)));
        }
        return master.equals("local") ? 1 : Math.max(1, conf.getInt("spark.executor.cores", processors));
    }
}
