package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class TerminalLineTest {
    private final StringWriter written = new StringWriter();
    private final TerminalLine terminal = new TerminalLine(new PrintWriter(written));

    @Test
    void aLiveLineReplacesTheLastOne() {
        terminal.live("1 of 3");
        terminal.live("1 of 3");
        terminal.live("2 of 3");

        assertThat(written).hasToString("\r\u001b[K1 of 3\r\u001b[K2 of 3");
    }

    @Test
    void aLineThatStaysTakesTheLiveOneAway() {
        terminal.live("1 of 3");
        terminal.accept("done");
        terminal.live("");

        assertThat(written).hasToString("\r\u001b[K1 of 3\r\u001b[Kdone" + System.lineSeparator());
    }

    @Test
    void withoutATerminalLinesAreALog() {
        assertThat(TerminalLine.of(new PrintWriter(written, true)).isLive()).isFalse();
    }
}
