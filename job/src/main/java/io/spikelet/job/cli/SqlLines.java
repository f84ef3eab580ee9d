package io.spikelet.job.cli;

import io.spikelet.job.schema.Columns;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalog.Table;
import org.apache.spark.sql.catalyst.parser.SqlBaseLexer;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;

/** Lines of SQL that are typed at a terminal, with history, and with completion of keywords, tables and columns. */
final class SqlLines implements UnaryOperator<String> {
    private static final Pattern KEYWORD = Pattern.compile("'[A-Z_]{2,}'");

    /** Keywords of Spark's grammar. */
    private static final List<String> KEYWORDS = IntStream.rangeClosed(0, SqlBaseLexer.VOCABULARY.getMaxTokenType())
            .mapToObj(SqlBaseLexer.VOCABULARY::getLiteralName)
            .filter(name -> name != null && KEYWORD.matcher(name).matches())
            .map(name -> name.substring(1, name.length() - 1))
            .toList();

    private final SparkSession spark;
    private final LineReader reader;

    /** @param history from {@link #historyFile}; empty to keep no history after the end */
    SqlLines(Terminal terminal, SparkSession spark, Optional<Path> history) {
        this.spark = spark;
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(new Words().quoteChars(new char[0]).escapeChars(new char[0]))
                .completer((line, parsed, candidates) -> words(parsed.word())
                        .forEach(word -> candidates.add(new Candidate(word, word, null, null, null, null, false))))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.CASE_INSENSITIVE, true);
        history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
        this.reader = builder.build();
    }

    /** The next line; null at the end of input. */
    @Override
    public String apply(String prompt) throws UserInterruptException {
        try {
            return reader.readLine(prompt);
        } catch (EndOfFileException e) {
            return null;
        }
    }

    /** What a word may become: keywords in the case in which it is typed, names as they are. */
    private Stream<String> words(String typed) {
        boolean isLower = !typed.isEmpty() && typed.equals(typed.toLowerCase(Locale.ROOT));
        Stream<String> keywords = KEYWORDS.stream().map(word -> isLower ? word.toLowerCase(Locale.ROOT) : word);
        List<String> tables = spark.catalog().listTables().collectAsList().stream()
                .map(Table::name)
                .toList();
        Stream<String> columns = tables.stream().flatMap(this::columns).distinct();
        return Stream.concat(Stream.concat(tables.stream(), columns).map(SqlLines::quoted), keywords);
    }

    private Stream<String> columns(String table) {
        return Arrays.stream(spark.table(quoted(table)).columns());
    }

    /** A name as SQL takes it. */
    private static String quoted(String name) {
        boolean isPlain = name.chars().allMatch(Character::isJavaIdentifierPart)
                && !KEYWORDS.contains(name.toUpperCase(Locale.ROOT));
        return isPlain ? name : Columns.quoted(name);
    }

    /**
     * The history: a file in the user's state folder that only the user can read; empty if it cannot be created.
     */
    static Optional<Path> historyFile() {
        String state = System.getenv("XDG_STATE_HOME");
        Path folder = state == null || state.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state")
                : Path.of(state);
        return historyFile(folder.resolve("spikelet"));
    }

    static Optional<Path> historyFile(Path folder) {
        Path file = folder.resolve("sql_history");
        try {
            Files.createDirectories(folder);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Optional.of(file) : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
        return Optional.of(file);
    }

    /** Cuts a line into the words that are completed; quotes and backslashes belong to SQL. */
    private static final class Words extends DefaultParser {
        @Override
        public boolean isDelimiterChar(CharSequence line, int place) {
            char c = line.charAt(place);
            return !Character.isJavaIdentifierPart(c) && c != '`';
        }
    }
}
