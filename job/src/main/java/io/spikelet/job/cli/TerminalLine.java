package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.action.Progress;
import java.io.PrintWriter;

/** Progress on a terminal: one line that changes in place, below permanent lines. Thread-safe. */
final class TerminalLine implements Progress {
    /** System property: {@code true} if stderr is a terminal, which the JVM cannot tell by itself; set by the scripts. */
    static final String PROPERTY = "spikelet.terminal";

    private static final String CLEARED = "\r\u001b[K";

    private final PrintWriter err;
    private String shown = "";

    TerminalLine(PrintWriter err) {
        this.err = err;
    }

    /** A live line on a terminal, else plain lines. */
    static Progress of(PrintWriter err) {
        return Boolean.getBoolean(PROPERTY) ? new TerminalLine(err) : line -> err.println(MessageText.visible(line));
    }

    @Override
    public boolean isLive() {
        return true;
    }

    @Override
    public synchronized void accept(String line) {
        err.println((shown.isEmpty() ? "" : CLEARED) + MessageText.visible(line));
        shown = "";
    }

    @Override
    public synchronized void live(String line) {
        if (!line.equals(shown)) {
            err.print(CLEARED + MessageText.visible(line));
            err.flush();
            shown = line;
        }
    }
}
