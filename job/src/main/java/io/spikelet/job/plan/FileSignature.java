package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.SparkSession;

/** Tells by its first bytes what a file is, where that is not what its name or the format says. */
record FileSignature(InputFormat format) implements FileHeadings.Heading {
    private static final int HEAD_BYTES = 4096;
    private static final Pattern ARRAY_OF_OBJECTS = Pattern.compile("\\[\\s*(\\{|$)");
    private static final Pattern HTML_COMMENT = Pattern.compile("\\A(<!--.*?-->\\s*)+", Pattern.DOTALL);
    private static final String TAR = "ustar";
    private static final int TAR_PLACE = 257;
    private static final String DECOMPRESS = "decompress it, or compress it with gzip and let its name end in .gz";

    /** What a file begins with that is none of the input formats, and what to do about it. */
    private enum Kind {
        GZIP("1f8b", "compressed with gzip", "let its name end in .gz"),
        ZSTANDARD("28b52ffd", "compressed with zstd", "let its name end in .zst"),
        LZ4_FRAME("04224d18", "compressed with the lz4 tool, whose frames Hadoop does not read", DECOMPRESS),
        LZ4_LEGACY("02214c18", "compressed with the lz4 tool, whose frames Hadoop does not read", DECOMPRESS),
        COMPRESS("1f9d", "compressed with compress, which is not read", DECOMPRESS),
        SEVEN_ZIP("377abcaf271c", "a 7z archive", "unpack it"),
        RAR("526172211a07", "a RAR archive", "unpack it"),
        XZ("fd377a585a00", "compressed with xz, which is not read", DECOMPRESS),
        BZIP2("425a6839314159265359", "compressed with bzip2", "let its name end in .bz2"),
        SNAPPY_FRAME(
                "ff060000734e61507059", "compressed with a snappy tool, whose frames Hadoop does not read", DECOMPRESS),
        ZIP("504b0304", "a zip archive (perhaps a spreadsheet)", "unpack it, or export it as CSV"),
        OFFICE("d0cf11e0a1b11ae1", "a document of Microsoft Office", "export it as CSV or text"),
        SQLITE("53514c69746520666f726d6174203300", "an SQLite database", "export its table as CSV"),
        NUMPY("934e554d5059", "a NumPy array", "write it as Parquet or JSON Lines"),
        HDF5("894844460d0a1a0a", "HDF5, which is not read", "write it as Parquet"),
        PARQUET("50415231", "Parquet", "pass --format parquet, or let its name end in .parquet"),
        ARROW("4152524f5731", "Arrow (Feather), which is not read", "write it as Parquet"),
        ORC("4f5243", "ORC, which is not read", "write it as Parquet"),
        AVRO("4f626a01", "Avro, which is not read", "write it as Parquet"),
        PDF("255044462d", "a PDF document", "extract its text"),
        UTF_32("fffe0000", "text in UTF-32", "convert it to UTF-8, as with: iconv -f UTF-32 -t UTF-8"),
        UTF_32_BIG("0000feff", "text in UTF-32", "convert it to UTF-8, as with: iconv -f UTF-32 -t UTF-8"),
        UTF_16_LITTLE("fffe", "text in UTF-16", "convert it to UTF-8, as with: iconv -f UTF-16 -t UTF-8"),
        UTF_16_BIG("feff", "text in UTF-16", "convert it to UTF-8, as with: iconv -f UTF-16 -t UTF-8");

        private final String magic; // a character a byte
        private final String what;
        private final String remedy;

        Kind(String magic, String what, String remedy) {
            this.magic = characters(HexFormat.of().parseHex(magic));
            this.what = what;
            this.remedy = remedy;
        }

        /** Of a tool that shares its extension with one of Hadoop's codecs, but not its format. */
        private boolean isFrame() {
            return this == LZ4_FRAME || this == LZ4_LEGACY || this == SNAPPY_FRAME;
        }

        /** A text may begin with these letters too. */
        private boolean isLetters() {
            return this == PARQUET || this == ARROW || this == ORC || this == AVRO;
        }

        static Optional<Kind> of(byte[] head) {
            String begin = characters(head);
            return Arrays.stream(values())
                    .filter(kind -> begin.startsWith(kind.magic) && (!kind.isLetters() || begin.indexOf(0) >= 0))
                    .findFirst();
        }
    }

    /** Extensions that promise a compression, and what such a file begins with. */
    private static final Map<String, Kind> EXTENSIONS =
            Map.of(".gz", Kind.GZIP, ".zst", Kind.ZSTANDARD, ".bz2", Kind.BZIP2);

    /** @throws UsageException if a file is something else than its name or the format says */
    static void check(SparkSession spark, InputFiles input, InputFormat format) {
        new FileHeadings(spark, input, new FileSignature(format)).different();
    }

    /** Files that are what they should be have the same heading. */
    @Override
    public String read(String file, Configuration configuration) {
        Path path = new Path(URI.create(file));
        byte[] head;
        try (InputStream in = path.getFileSystem(configuration).open(path)) {
            head = in.readNBytes(HEAD_BYTES);
        } catch (IOException e) {
            throw new UsageException("cannot read " + shown(path) + ": " + e.getMessage(), e);
        }
        CompressionCodec codec =
                format == InputFormat.PARQUET ? null : new CompressionCodecFactory(configuration).getCodec(path);
        if (codec != null) {
            requireCompressed(path, head);
            head = decompressed(path, codec, configuration);
        }
        checkContent(path, head);
        return "";
    }

    private static void requireCompressed(Path path, byte[] head) {
        Optional<Kind> kind = Kind.of(head);
        EXTENSIONS.forEach((ending, promised) -> {
            if (path.getName().toLowerCase(Locale.ROOT).endsWith(ending)
                    && !characters(head).startsWith(promised.magic)) {
                throw new UsageException(shown(path) + " ends in " + ending + " but is not " + promised.what
                        + kind.map(other -> "; it is " + other.what).orElse("")
                        + "; rename it");
            }
        });
        if (kind.isPresent() && kind.get().isFrame()) {
            throw refused(path, kind.get().what, kind.get().remedy);
        }
    }

    private static byte[] decompressed(Path path, CompressionCodec codec, Configuration configuration) {
        try (InputStream raw = path.getFileSystem(configuration).open(path);
                InputStream in = codec.createInputStream(raw)) {
            return in.readNBytes(HEAD_BYTES);
        } catch (IOException | RuntimeException | LinkageError e) { // codecs want native libraries
            throw new UsageException("cannot decompress " + shown(path) + ": " + e.getMessage(), e);
        }
    }

    private void checkContent(Path path, byte[] head) {
        Optional<Kind> kind = Kind.of(head);
        if (format == InputFormat.PARQUET && kind.isPresent() && kind.get() == Kind.PARQUET) {
            return;
        }
        String text = new String(head, StandardCharsets.UTF_8)
                .replaceFirst("^\ufeff", "")
                .stripLeading();
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            throw refused(path, "a git-LFS pointer", "fetch the file itself with: git lfs pull");
        }
        if (format == InputFormat.PARQUET) {
            String what = kind.map(other -> other.what).orElse(isHtml(text) ? "an HTML page" : "no Parquet");
            throw refused(path, what, "name its --format, or write it again");
        }
        if (kind.isPresent()) {
            throw refused(path, kind.get().what, kind.get().remedy);
        }
        if (looksLikeUtf32(head)) {
            throw refused(path, Kind.UTF_32.what, Kind.UTF_32.remedy);
        }
        if (looksLikeUtf16(head)) {
            throw refused(path, Kind.UTF_16_LITTLE.what, Kind.UTF_16_LITTLE.remedy);
        }
        if (characters(head).startsWith(TAR, TAR_PLACE) && characters(head).indexOf(0) >= 0) {
            throw refused(path, "a tar archive", "unpack it");
        }
        if (format != InputFormat.TEXT && format != InputFormat.FILES) {
            checkText(path, text);
        }
    }

    private void checkText(Path path, String text) {
        if (isHtml(text)) {
            throw refused(path, "an HTML page", "it may be the message of a server; download it again");
        }
        if (text.startsWith("<?xml")) {
            throw refused(path, "XML", "convert it to JSON Lines");
        }
        if (format != InputFormat.CSV) {
            checkJson(path, text);
        } else if (text.startsWith("{\"")) {
            throw refused(path, "JSON and not CSV", "pass --format jsonl");
        }
    }

    private static boolean isHtml(String text) {
        String tag = HTML_COMMENT.matcher(text).replaceFirst("").toLowerCase(Locale.ROOT);
        return tag.startsWith("<!doctype html") || tag.startsWith("<html");
    }

    private static void checkJson(Path path, String text) {
        String firstLine = text.lines().findFirst().orElse("").strip();
        boolean isArray = path.getName().endsWith(".json") && firstLine.startsWith("["); // of whatever
        if (isArray || ARRAY_OF_OBJECTS.matcher(firstLine).lookingAt()) {
            throw refused(path, "one JSON array", "write an object a line, as with: jq -c '.[]'");
        }
        if (spansLines(text)) {
            throw refused(path, "JSON over several lines", "write an object a line, as with: jq -c .");
        }
    }

    /** Whether the JSON value that a text begins with goes on in the next line, as far as its head tells. */
    private static boolean spansLines(String text) {
        try (JsonParser parser = JsonLineCheck.JSON.createParser(text)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (depth == 0 || parser.currentTokenLocation().getLineNr() > 1) {
                    return parser.currentTokenLocation().getLineNr() > 1;
                }
            }
            return false;
        } catch (IOException e) { // no JSON, or the head ends in the middle of it
            return false;
        }
    }

    /** ASCII in UTF-32 has three zeros in every four bytes. */
    private static boolean looksLikeUtf32(byte[] head) {
        int characters = head.length / 4;
        long zeros = characters(head)
                .substring(0, characters * 4)
                .chars()
                .filter(c -> c == 0)
                .count();
        return characters >= 2 && zeros > characters * 5 / 2 && zeros <= characters * 3;
    }

    /** ASCII in UTF-16 has a zero in every second byte. */
    private static boolean looksLikeUtf16(byte[] head) {
        int[] zeros = new int[2];
        for (int i = 0; i < head.length; i++) {
            zeros[i % 2] += head[i] == 0 ? 1 : 0;
        }
        int half = head.length / 2;
        return half >= 2 && Math.max(zeros[0], zeros[1]) > half * 3 / 4 && Math.min(zeros[0], zeros[1]) < half / 4;
    }

    private static String characters(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static UsageException refused(Path path, String what, String remedy) {
        return new UsageException(shown(path) + " is " + what + "; " + remedy);
    }

    private static String shown(Path path) {
        return path.toUri().getPath();
    }
}
