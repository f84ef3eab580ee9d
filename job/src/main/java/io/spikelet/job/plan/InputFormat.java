package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How input files are cut into rows. */
public enum InputFormat {
    /** One JSON object a line, UTF-8; blank lines are no rows. */
    JSONL("jsonl", "jsonl|ndjson|json"),
    PARQUET("parquet", "parquet"),
    /** RFC 4180 with a header line, UTF-8; every column is a string. */
    CSV("csv", "csv"),
    /** Every line is a row, blank lines too; its only column is the line. */
    TEXT("text", "txt|text"),
    /** Every file is a row; its only column is the text of the file. */
    FILES("files", "(?!)"), // no extension says so
    /** One OpenAI batch request a line, UTF-8; blank lines are no rows. */
    OPENAI_BATCH("openai-batch", "(?!)");

    private static final Pattern COMPRESSION = Pattern.compile("\\.(gz|bz2|zst|lz4|snappy|deflate)\\z");

    private final String label;
    private final Pattern extensions;

    InputFormat(String label, String extensions) {
        this.label = label;
        this.extensions = Pattern.compile(extensions);
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** Whether a record is a line that must be parsed. */
    boolean isOfLines() {
        return this == JSONL || this == OPENAI_BATCH;
    }

    /**
     * The format of a name on the command line.
     *
     * @throws UsageException if there is none
     */
    public static InputFormat named(String label) {
        return Arrays.stream(values())
                .filter(format -> format.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "--format is " + label + "; it must be one of " + labels(EnumSet.allOf(InputFormat.class))));
    }

    /**
     * The one format that the extensions of all these files name, compression aside.
     *
     * @param input names the input in error messages
     * @throws UsageException if they name none or several
     */
    static InputFormat ofFiles(Collection<String> fileNames, String input) {
        EnumSet<InputFormat> found = EnumSet.noneOf(InputFormat.class);
        for (String name : fileNames) {
            found.add(ofFile(name)
                    .orElseThrow(() -> new UsageException("cannot tell the format of " + name + " in --input " + input
                            + " from its extension; pass --format "
                            + labels(EnumSet.allOf(InputFormat.class)))));
        }
        if (found.size() > 1) {
            throw new UsageException(
                    "--input " + input + " mixes " + labels(found) + " files; read one format at a time");
        }
        return found.iterator().next();
    }

    /** The format that the extension of a file names, compression aside. */
    static Optional<InputFormat> ofFile(String fileName) {
        String name = COMPRESSION.matcher(fileName.toLowerCase(Locale.ROOT)).replaceFirst("");
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return Arrays.stream(values())
                .filter(format -> format.extensions.matcher(extension).matches())
                .findFirst();
    }

    private static String labels(Collection<InputFormat> formats) {
        return formats.stream().map(InputFormat::label).collect(Collectors.joining(", "));
    }
}
