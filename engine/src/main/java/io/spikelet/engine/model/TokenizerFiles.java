package io.spikelet.engine.model;

import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.bytelevel.ByteLevelTokenizer;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of a tokenizer, read once, so that the same content is checked, used and copied. The kind is determined by
 * the files: a SentencePiece model, alone or with its {@code tokenizer_config.json}, GPT-2's {@code vocab.json} with
 * {@code merges.txt}, or {@code tokenizer.json}.
 *
 * @param where the place from which they were read, for messages
 * @param names file names in a model directory, one of {@link #KINDS}
 * @param contents content of each file
 */
public record TokenizerFiles(String where, List<String> names, List<byte[]> contents) {
    private static final List<String> SENTENCE_PIECE = List.of("tokenizer.model");
    /** A SentencePiece model with the pieces that a configuration adds to it. */
    private static final List<String> SENTENCE_PIECE_AND_ADDED = List.of("tokenizer.model", "tokenizer_config.json");

    private static final List<String> BYTE_LEVEL = List.of("vocab.json", "merges.txt");
    private static final List<String> ONE_FILE = List.of("tokenizer.json");
    private static final String MODEL_ENDING = ".model";

    /** Kinds of tokenizer files in a model directory, in order of precedence. */
    public static final List<List<String>> KINDS =
            List.of(SENTENCE_PIECE_AND_ADDED, SENTENCE_PIECE, BYTE_LEVEL, ONE_FILE);

    /** Larger files are refused; released tokenizers have about 1 MB. */
    public static final int MAX_FILE_BYTES = 64 << 20;

    public TokenizerFiles {
        names = List.copyOf(names);
        contents = List.copyOf(contents);
    }

    /**
     * The tokenizer of a model directory, if it holds one.
     *
     * @throws UncheckedIOException if a file cannot be read
     */
    public static Optional<TokenizerFiles> in(Path directory) {
        for (List<String> kind : KINDS) {
            List<Path> paths = kind.stream().map(directory::resolve).toList();
            if (paths.stream().allMatch(Files::isRegularFile)) {
                return Optional.of(read(kind, paths));
            }
        }
        return Optional.empty();
    }

    /**
     * The tokenizer at a path that the user gave: one of its files, or a folder that contains one. A SentencePiece
     * model may have any name that ends in {@code .model}.
     *
     * @throws TokenizerFormatException if there is none, or a file is larger than {@link #MAX_FILE_BYTES}
     * @throws UncheckedIOException if a file cannot be read
     */
    public static TokenizerFiles at(Path fileOrFolder) {
        if (Files.isDirectory(fileOrFolder)) {
            return inFolder(fileOrFolder)
                    .orElseThrow(() -> new TokenizerFormatException(fileOrFolder + " holds no tokenizer: neither one"
                            + " SentencePiece model (.model), nor vocab.json with merges.txt, nor tokenizer.json"));
        }
        if (!Files.isRegularFile(fileOrFolder)) {
            throw new TokenizerFormatException("there is no tokenizer " + fileOrFolder);
        }
        String name = String.valueOf(fileOrFolder.getFileName());
        if (BYTE_LEVEL.contains(name)) {
            List<Path> paths =
                    BYTE_LEVEL.stream().map(fileOrFolder::resolveSibling).toList();
            for (Path path : paths) {
                if (!Files.isRegularFile(path)) {
                    throw new TokenizerFormatException(
                            "there is no " + path + "; vocab.json and merges.txt belong together");
                }
            }
            return read(BYTE_LEVEL, paths);
        }
        return name.endsWith(".json") ? read(ONE_FILE, List.of(fileOrFolder)) : sentencePiece(fileOrFolder);
    }

    /**
     * The tokenizer in a folder that is not a model directory, if there is exactly one candidate.
     *
     * @throws UncheckedIOException if a file cannot be read
     */
    public static Optional<TokenizerFiles> inFolder(Path folder) {
        Optional<TokenizerFiles> named = in(folder);
        if (named.isPresent()) {
            return named;
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> models = files.filter(
                            file -> file.toString().endsWith(MODEL_ENDING) && Files.isRegularFile(file))
                    .toList();
            return models.size() == 1 ? Optional.of(sentencePiece(models.getFirst())) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** A model file of any name, with the configuration in the same folder. */
    private static TokenizerFiles sentencePiece(Path model) {
        Path config = model.resolveSibling(SENTENCE_PIECE_AND_ADDED.getLast());
        return Files.isRegularFile(config)
                ? read(SENTENCE_PIECE_AND_ADDED, List.of(model, config))
                : read(SENTENCE_PIECE, List.of(model));
    }

    private static TokenizerFiles read(List<String> names, List<Path> paths) {
        List<byte[]> contents = new ArrayList<>();
        for (Path path : paths) {
            try (InputStream in = Files.newInputStream(path)) {
                byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
                if (content.length > MAX_FILE_BYTES) {
                    throw new TokenizerFormatException(
                            path + " is larger than " + MAX_FILE_BYTES + " bytes; a tokenizer's file is not");
                }
                contents.add(content);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + path, e);
            }
        }
        return new TokenizerFiles(
                paths.stream().map(Path::toString).collect(Collectors.joining(" and ")), names, contents);
    }

    /**
     * Builds the tokenizer.
     *
     * @param special ids for files that do not name them
     * @throws TokenizerFormatException if the files are damaged or use a feature that is not supported
     */
    public Tokenizer tokenizer(SpecialTokens special) {
        try {
            if (names.equals(SENTENCE_PIECE)) {
                return SentencePieceTokenizer.parse(contents.getFirst());
            }
            if (names.equals(SENTENCE_PIECE_AND_ADDED)) {
                return SentencePieceTokenizer.parse(contents.getFirst(), contents.getLast());
            }
            return names.equals(BYTE_LEVEL)
                    ? ByteLevelTokenizer.parse(contents.getFirst(), contents.getLast(), special)
                    : ByteLevelTokenizer.parse(contents.getFirst(), special);
        } catch (TokenizerFormatException e) {
            throw new TokenizerFormatException("cannot use " + where + ": " + e.getMessage(), e);
        }
    }

    /** SHA-256 of the concatenated files, in lower-case hexadecimal. */
    public String sha256() {
        MessageDigest digest = Sha256.digest();
        contents.forEach(digest::update);
        return Sha256.hex(digest);
    }

    /** Writes the files to a model directory. */
    public void writeTo(Path directory) throws IOException {
        for (int i = 0; i < names.size(); i++) {
            Files.write(directory.resolve(names.get(i)), contents.get(i));
        }
    }

    /** The file names, for a message. */
    public String label() {
        return String.join(" and ", names);
    }
}
