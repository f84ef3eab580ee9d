package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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

        String first =
                answers(action, history, new Keys("sql> ", "sele\t abs(numera\t), `per\t from fracti\t;\nexit\n"));
        String second = answers(action, history, new Keys("sql> ", PREVIOUS + PREVIOUS + "\nexit\n"));

        assertThat(first).isEqualToNormalizingNewlines("abs(numerator),per cent\n7,2\n");
        assertThat(second).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history.orElseThrow())))
                .isEqualTo("rw-------");
    }

    @Test
    void ctrlCForgetsTheStatementAndAnExclamationMarkIsOne() throws IOException {
        SqlAction action = new SqlAction(List.of(), "", ResultFormat.CSV);

        String answers = answers(
                action,
                Optional.empty(),
                new Keys("sql> ", "SELECT nonsense,\n and more"),
                new Keys("and more", "\003"),
                new Keys("sql> ", "SELECT '!1' AS said;\nexit\n"));

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

    /** Keys that a user types on seeing a text; Ctrl-C typed ahead would come before the line that it is to end. */
    private record Keys(String seen, String typed) {}

    /** Types into a terminal of its own. */
    private static String answers(SqlAction action, Optional<Path> history, Keys... parts) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PipedInputStream typed = new PipedInputStream();
        try (PipedOutputStream keyboard = new PipedOutputStream(typed);
                Terminal terminal = new ExternalTerminal(
                        "keys", "xterm", typed, new Typist(keyboard, parts), StandardCharsets.UTF_8)) {
            terminal.setSize(new Size(120, 40));
            SqlLines lines = new SqlLines(terminal, spark, history);
            new SqlPrompt(action, spark, lines).run(new PrintWriter(out), new PrintWriter(err));
        }
        assertThat(err.toString()).isEmpty();
        return out.toString();
    }

    /** The screen, and who types what is next when it shows what that waits for. */
    private static final class Typist extends ByteArrayOutputStream {
        private final OutputStream keyboard;
        private final Iterator<Keys> parts;
        private Keys next;

        Typist(OutputStream keyboard, Keys... parts) {
            this.keyboard = keyboard;
            this.parts = List.of(parts).iterator();
            this.next = this.parts.next();
        }

        @Override
        public synchronized void flush() throws IOException {
            if (next != null && toString(StandardCharsets.UTF_8).contains(next.seen())) {
                reset();
                keyboard.write(next.typed().getBytes(StandardCharsets.UTF_8));
                keyboard.flush();
                next = parts.hasNext() ? parts.next() : null;
            }
        }
    }
}
