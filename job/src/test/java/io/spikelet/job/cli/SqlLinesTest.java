package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;

final class SqlLinesTest extends SparkTest {
    /** Ctrl-P. */
    private static final String PREVIOUS = "\020";

    @Test
    void keysCompleteNamesAndTheNextSessionRemembersWhatWasTyped() throws IOException {
        spark.sql("SELECT 7 AS numerator, 2 AS `per cent`")
                .write()
                .parquet(folder.resolve("res/fractions").toString());
        SqlAction action = new SqlAction(List.of(folder.resolve("res").toString()), "", ResultFormat.CSV);
        action.open(spark);
        Optional<Path> history = SqlLines.historyFile(folder.resolve("state"));

        String first = answers(action, history, "sele\t abs(numera\t), `per\t from fracti\t;\nexit\n");
        String second = answers(action, history, PREVIOUS + PREVIOUS + "\nexit\n");

        assertThat(first).isEqualToNormalizingNewlines("abs(numerator),per cent\n7,2\n");
        assertThat(second).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history.orElseThrow())))
                .isEqualTo("rw-------");
    }

    @Test
    void ctrlCForgetsTheStatementAndAnExclamationMarkIsOne() throws IOException {
        SqlAction action = new SqlAction(List.of(), "", ResultFormat.CSV);

        String answers =
                answers(action, Optional.empty(), "SELECT nonsense,\n and more\003SELECT '!1' AS said;\nexit\n");

        assertThat(answers).isEqualToNormalizingNewlines("said\n!1\n");
    }

    @Test
    void aHistoryThatCannotBeKeptIsNone() throws IOException {
        Path file = Files.writeString(folder.resolve("occupied"), "");

        assertThat(SqlLines.historyFile(file)).isEmpty();
        Files.createDirectories(folder.resolve("linked"));
        Files.createSymbolicLink(folder.resolve("linked/sql_history"), file);
        assertThat(SqlLines.historyFile(folder.resolve("linked"))).isEmpty();
    }

    /** Types into a terminal of its own, a pseudo-terminal where the machine has one. */
    private static String answers(SqlAction action, Optional<Path> history, String keys) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PipedInputStream typed = new PipedInputStream();
        try (PipedOutputStream keyboard = new PipedOutputStream(typed);
                Terminal terminal = TerminalBuilder.builder()
                        .system(false)
                        .type("xterm")
                        .encoding(StandardCharsets.UTF_8)
                        .streams(typed, new ByteArrayOutputStream())
                        .build()) {
            keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            SqlLines lines = new SqlLines(terminal, spark, history);
            new SqlPrompt(action, spark, lines).run(new PrintWriter(out), new PrintWriter(err));
        }
        assertThat(err.toString()).isEmpty();
        return out.toString();
    }
}
