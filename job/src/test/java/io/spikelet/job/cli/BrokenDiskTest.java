package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.job.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Outputs on a disk that is full, or read-only: a small one in memory, in a name space of its own, which needs no rights
 * that a user does not have on most Linux machines.
 */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BrokenDiskTest extends SparkTest {
    private static final int ROWS = 60;
    private static final List<String> NAME_SPACE = List.of("unshare", "--user", "--map-root-user", "--mount");

    private DriverProcesses drivers;
    private Path disk;

    @BeforeEach
    void prepare() throws Exception {
        drivers = new DriverProcesses(projectRoot(), folder);
        disk = Files.createDirectory(folder.resolve("disk"));
        write(
                "prompts.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i + "\"}")
                        .toArray(String[]::new));
        Process probe = drivers.startCommand("probe", inNameSpace("mount -t tmpfs -o size=1m tmpfs " + disk));
        assumeTrue(
                drivers.end("probe", probe) == 0,
                () -> "this machine lets its users mount nothing: " + drivers.said("probe"));
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aDiskThatIsFullCostsNoShardThatIsCommitted() throws Exception {
        Path output = disk.resolve("out");
        String ledger = disk.resolve(".out.unfinished/ledger").toString();
        // The disk fills up once the first shards are there; afterwards it has room again.
        String script = String.join(
                "\n",
                "mount -t tmpfs -o size=16m tmpfs " + disk,
                quoted(generate(output)) + " & driver=$!",
                "while kill -0 $driver && [ \"$(ls " + ledger
                        + "/entries | wc -l)\" -lt 2 ]; do sleep 0.02; done 2>/dev/null",
                "cat /dev/zero >" + disk + "/filler 2>/dev/null",
                "wait $driver; echo \"full: status $?\"",
                "echo \"committed: $(cat " + ledger + "/entries/*.json | grep -o '\"shard\":' | wc -l)\"",
                "rm " + disk + "/filler",
                quoted(generate(output, "--resume")) + "; echo \"resumed: status $?\"",
                "cp -r " + output + " " + folder.resolve("saved"));

        Process process = drivers.startCommand("full", inNameSpace(script));
        assertThat(drivers.end("full", process)).as(drivers.said("full")).isZero();

        List<String> lines = drivers.said("full").lines().toList();
        assertThat(lines).contains("full: status 3", "resumed: status 0");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("spikelet: the run failed: "))
                .hasSize(1)
                .first()
                .asString()
                .containsIgnoringCase("no space left on device")
                .endsWith(" finished rows are kept: run the same command with --resume");
        assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
        int committed = lines.stream()
                .filter(line -> line.startsWith("committed: "))
                .mapToInt(line ->
                        Integer.parseInt(line.substring("committed: ".length()).strip()))
                .findFirst()
                .orElseThrow();
        assertThat(committed).isGreaterThanOrEqualTo(2);
        assertThat(table(folder.resolve("saved"), "shards").where("attempt = 1").count())
                .as("shards of the first attempt, none of them done again")
                .isEqualTo(committed);
        assertThat(table(folder.resolve("saved"), "completions")
                        .select("row_id")
                        .distinct()
                        .count())
                .isEqualTo(ROWS);
    }

    @Test
    void anOutputThatCannotBeWrittenIsRefusedBeforeWorkAndLosesNothing() throws Exception {
        Path output = disk.resolve("out");
        String entries = disk.resolve(".out.unfinished/ledger/entries").toString();
        String script = String.join(
                "\n",
                "mount -t tmpfs -o size=16m tmpfs " + disk,
                quoted(generate(output)) + " & driver=$!",
                "while kill -0 $driver && [ \"$(ls " + entries + " | wc -l)\" -lt 2 ]; do sleep 0.02; done 2>/dev/null",
                "kill -9 $driver; wait $driver",
                "echo \"before: $(ls " + entries + ")\" | tr '\\n' ' '; echo",
                "mount -o remount,ro " + disk,
                quoted(generate(output, "--resume")) + "; echo \"resumed: status $?\"",
                quoted(generate(disk.resolve("other"))) + "; echo \"other: status $?\"",
                "echo \"before: $(ls " + entries + ")\" | tr '\\n' ' '; echo");

        Process process = drivers.startCommand("read-only", inNameSpace(script));
        assertThat(drivers.end("read-only", process))
                .as(drivers.said("read-only"))
                .isZero();

        List<String> lines = drivers.said("read-only").lines().toList();
        assertThat(lines).contains("resumed: status 2", "other: status 2");
        assertThat(lines)
                .filteredOn(line -> line.startsWith("spikelet: cannot create --output "))
                .hasSize(2)
                .allMatch(line -> line.contains("read-only file system"));
        assertThat(lines.stream().filter(line -> line.startsWith("before: ")).distinct())
                .as("the ledger, before and after")
                .hasSize(1);
    }

    private List<String> generate(Path output, String... more) {
        List<String> arguments = new ArrayList<>(List.of("generate", "--model", model().toString()));
        arguments.addAll(List.of("--input", folder.resolve("prompts.jsonl").toString()));
        arguments.addAll(List.of("--output", output.toString(), "--max-new-tokens", "12", "--partitions", "12"));
        arguments.addAll(List.of(more));
        return drivers.command(arguments);
    }

    private static List<String> inNameSpace(String script) {
        List<String> command = new ArrayList<>(NAME_SPACE);
        command.addAll(List.of("bash", "-c", script));
        return command;
    }

    private static String quoted(List<String> command) {
        return command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }
}
