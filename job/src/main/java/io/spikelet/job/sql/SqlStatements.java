package io.spikelet.job.sql;

import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;

/**
 * The statements of a text, cut at semicolons as Spark's own lexer finds them: not in strings, quoted names or comments.
 *
 * @param complete what a semicolon or the text's end follows, without it
 * @param rest what no semicolon follows; blank if there is nothing but comments
 */
public record SqlStatements(List<String> complete, String rest) {
    public SqlStatements {
        complete = List.copyOf(complete);
    }

    /** Cuts a text. */
    public static SqlStatements of(String text) {
        SqlBaseLexer lexer = new SqlBaseLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        List<String> complete = new ArrayList<>();
        int begin = 0;
        int beginPoint = 0; // the lexer counts in code points
        boolean isBlank = true;
        for (Token token = lexer.nextToken(); token.getType() != Token.EOF; token = lexer.nextToken()) {
            if (token.getType() == SqlBaseLexer.SEMICOLON) {
                int end = text.offsetByCodePoints(begin, token.getStartIndex() - beginPoint);
                if (!isBlank) {
                    complete.add(text.substring(begin, end).strip());
                }
                begin = end + 1;
                beginPoint = token.getStopIndex() + 1;
                isBlank = true;
            } else if (token.getChannel() == Token.DEFAULT_CHANNEL) {
                isBlank = false;
            }
        }
        return new SqlStatements(complete, isBlank ? "" : text.substring(begin).strip());
    }

    /** All of them, whether the last has a semicolon or not. */
    public List<String> all() {
        List<String> all = new ArrayList<>(complete);
        if (!rest.isEmpty()) {
            all.add(rest);
        }
        return all;
    }
}
