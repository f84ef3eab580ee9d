package io.spikelet.job.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What one run of the command line, in this JVM, returned and printed. */
record Invocation(int status, String out, String err) {
    static Invocation of(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Invocation(status, out.toString(), err.toString());
    }
}
