package io.spikelet.job.fuzz;

import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.Converter;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.bytelevel.ByteLevelTokenizer;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the engine reads from files of others. */
class EngineReadersFuzzTest {
    private static final Path RESOURCES = Path.of("../engine/src/test/resources");
    private static final String TEXT = "aa ab\tabc <|x|> caf\u00e9 \u4f60\ud83d\ude00 " + "ab".repeat(200);

    @TempDir
    private static Path folder;

    enum Target {
        CHECKPOINT {
            @Override
            Fuzzer fuzzer() {
                return checkpoint(
                        "checkpoint.pt", "\u0080\2}q\1h\1(lRsubQX\2\0\0\0ab.cos\nsystem\nctorch._utils\n", List.of());
            }
        },
        SAFETENSORS {
            @Override
            Fuzzer fuzzer() {
                return checkpoint(
                        "model.safetensors",
                        "{\"F32\":[1,2],\"shape\":[],\"data_offsets\":[0,8],\"dtype\":\"BF16\",\"__metadata__\":{}}",
                        List.of(Fuzzer.bytes(RESOURCES.resolve("convert/sharded/model-00001-of-00002.safetensors"))));
            }
        },
        MANIFEST {
            @Override
            Fuzzer fuzzer() {
                byte[] manifest = Fuzzer.bytes(Path.of("../datasets/models/tiny/manifest.json"));
                return new Fuzzer(
                        "manifest",
                        List.of(manifest),
                        words("{}[],:null 1e99 -1 \"shape\":[1,2], \"name\":\"x\", true 9223372036854775807"),
                        List.of(ModelFormatException.class),
                        input -> {
                            ManifestReader.parse(input, "manifest.json", Families.all());
                            return null;
                        });
            }
        },
        SENTENCEPIECE {
            @Override
            Fuzzer fuzzer() {
                return new Fuzzer(
                        "sentencepiece",
                        List.of(),
                        words("\n\6\n\1a\30\5 \n\6\n\1a\30\4 \u00e2\u0096\u0081 <0x41>"),
                        List.of(TokenizerFormatException.class),
                        input -> use(SentencePieceTokenizer.parse(input)));
            }
        },
        BYTE_LEVEL {
            @Override
            Fuzzer fuzzer() {
                return new Fuzzer(
                        "byte-level",
                        List.of(),
                        words(
                                "{}[],: \"a\":7 \"ab\" \"merges\":[[\"a\",\"b\"]] \"\u0120\" null \"added_tokens\":[] -1"),
                        List.of(TokenizerFormatException.class),
                        input -> use(ByteLevelTokenizer.parse(input, SpecialTokens.NONE)));
            }
        };

        abstract Fuzzer fuzzer();
    }

    private static List<byte[]> words(String words) {
        return Stream.of(words.split("(?<= )"))
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static String use(Tokenizer tokenizer) {
        int[] ids = tokenizer.encode(TEXT);
        tokenizer.decode(ids);
        tokenizer.locate(TEXT);
        return null;
    }

    private static Fuzzer checkpoint(String name, String words, List<byte[]> seeds) {
        Path file = folder.resolve(name);
        Path output = folder.resolve(name + "-model");
        return new Fuzzer(
                name.endsWith(".pt") ? "checkpoint" : "safetensors",
                seeds,
                words(words.replace(",", ", ").replace("(", "( ")),
                List.of(CheckpointFormatException.class),
                input -> {
                    try {
                        Converter.convert(options(Files.write(file, input), output), Families.mappings(), line -> {});
                    } finally {
                        delete(output);
                    }
                    return null;
                });
    }

    private static Converter.Options options(Path checkpoint, Path output) {
        return new Converter.Options(
                checkpoint, output, Optional.empty(), Optional.empty(), DType.INT8, DType.INT8, Optional.empty());
    }

    private static void delete(Path model) throws IOException {
        if (Files.isDirectory(model)) {
            List<Path> files = new ArrayList<>();
            try (Stream<Path> list = Files.list(model)) {
                list.forEach(files::add);
            }
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(model);
        }
    }

    @ParameterizedTest
    @EnumSource
    void seedsAreReadOrRefused(Target target) {
        target.fuzzer().readSeeds();
    }

    @Tag("fuzz")
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @EnumSource
    void mutationsAreReadOrRefused(Target target) {
        target.fuzzer().readMutations();
    }
}
