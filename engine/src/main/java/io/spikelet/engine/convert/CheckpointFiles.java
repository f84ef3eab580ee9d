package io.spikelet.engine.convert;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.message.Excerpt;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that hold a checkpoint: one, or shards. Shards are given by their index ({@code *.index.json}), by any of them, or
 * by their folder.
 */
final class CheckpointFiles {
    private static final Pattern SHARD = Pattern.compile("(.*-)(\\d{5})(-of-)(\\d{5})(\\.\\w+)");
    private static final Pattern CHECKPOINT =
            Pattern.compile(".*\\.(safetensors|pt|pth|bin|ckpt)", Pattern.CASE_INSENSITIVE);
    private static final String INDEX = ".index.json";
    private static final int MAX_INDEX_BYTES = 16 << 20;

    private CheckpointFiles() {}

    /**
     * The files of the given path, in a fixed order.
     *
     * @throws CheckpointFormatException if there is no such file, or one of several is missing
     */
    static List<Path> of(Path given) throws IOException {
        Path file = Files.isDirectory(given) ? inFolder(given) : given;
        if (!Files.isRegularFile(file)) {
            throw new CheckpointFormatException("there is no checkpoint " + file
                    + "; give a .pt or .safetensors file, the index of its shards, or their folder");
        }
        String name = file.getFileName().toString();
        Matcher shard = SHARD.matcher(name);
        List<String> names = name.toLowerCase(Locale.ROOT).endsWith(INDEX)
                ? indexed(file)
                : shard.matches() ? siblings(shard) : List.of(name);
        List<String> missing = names.stream()
                .filter(sibling -> !Files.isRegularFile(file.resolveSibling(sibling)))
                .toList();
        if (!missing.isEmpty()) {
            throw new CheckpointFormatException(missing.size() + " of " + names.size() + " shards are missing beside "
                    + file + ": " + Excerpt.of(missing) + "; copy them there");
        }
        List<Path> files = names.stream().map(file::resolveSibling).toList();
        for (Path shardFile : files) {
            ForeignContent.refuse(shardFile);
        }
        return files;
    }

    /** The index in a folder, or the only checkpoint or set of shards in it. */
    private static Path inFolder(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.sorted().toList();
        }
        List<Path> indexes = matching(files, Pattern.compile(".*\\.index\\.json", Pattern.CASE_INSENSITIVE));
        List<Path> checkpoints = matching(files, CHECKPOINT).stream()
                .filter(file -> {
                    Matcher shard = SHARD.matcher(file.getFileName().toString());
                    return !shard.matches() || Integer.parseInt(shard.group(2)) == 1;
                })
                .toList();
        List<Path> found = indexes.isEmpty() ? checkpoints : indexes;
        if (found.size() != 1) {
            throw new CheckpointFormatException("the folder " + folder + " holds " + found.size()
                    + " checkpoints"
                    + (found.isEmpty()
                            ? ""
                            : ", "
                                    + Excerpt.of(found.stream()
                                            .map(Path::getFileName)
                                            .toList()))
                    + "; give one of its files");
        }
        return found.getFirst();
    }

    private static List<Path> matching(List<Path> files, Pattern name) {
        return files.stream()
                .filter(file -> name.matcher(file.getFileName().toString()).matches() && Files.isRegularFile(file))
                .toList();
    }

    private static List<String> siblings(Matcher shard) {
        int count = Integer.parseInt(shard.group(4));
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            names.add(String.format(
                    Locale.ROOT, "%s%05d%s%s%s", shard.group(1), i, shard.group(3), shard.group(4), shard.group(5)));
        }
        return names;
    }

    private static List<String> indexed(Path index) throws IOException {
        ForeignContent.refuse(index);
        if (Files.size(index) > MAX_INDEX_BYTES) {
            throw new CheckpointFormatException(
                    index + " has " + Files.size(index) + " bytes; at most " + MAX_INDEX_BYTES + " are read");
        }
        JsonNode map =
                StrictJson.object(Files.readAllBytes(index), index.toString()).path("weight_map");
        TreeSet<String> names = new TreeSet<>();
        for (JsonNode name : map) {
            String text = name.asText();
            boolean isPlain = name.isTextual()
                    && !text.isEmpty()
                    && text.indexOf('/') < 0
                    && text.indexOf('\\') < 0
                    && text.indexOf(0) < 0
                    && !text.startsWith(".");
            if (!isPlain) {
                throw new CheckpointFormatException("the weight_map of " + index + " names the shard "
                        + Excerpt.of(text) + "; it must be the name of a file in the same folder");
            }
            names.add(text);
        }
        if (names.isEmpty()) {
            throw new CheckpointFormatException(
                    index + " has no weight_map, so it is no index of shards; give the checkpoint itself");
        }
        return List.copyOf(names);
    }

    /** Maps the files; the mappings are valid as long as the arena is open. */
    static List<MemorySegment> map(List<Path> files, Arena arena) throws IOException {
        List<MemorySegment> mapped = new ArrayList<>();
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                mapped.add(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            }
        }
        return mapped;
    }

    /** Reads all files as one checkpoint. */
    static Checkpoint read(List<Path> files, List<MemorySegment> mapped, CheckpointMappings mappings) {
        List<String> stateDictKeys = mappings.all().stream()
                .flatMap(mapping -> mapping.stateDictKeys().stream())
                .distinct()
                .toList();
        if (files.size() == 1) {
            return read(files.getFirst(), mapped.getFirst(), stateDictKeys);
        }
        Checkpoint.Tensors tensors = new Checkpoint.Tensors();
        List<Checkpoint.Member> members = new ArrayList<>();
        Optional<Map<String, Object>> config = Optional.empty();
        Optional<String> stateDictKey = Optional.empty();
        for (int i = 0; i < files.size(); i++) {
            Checkpoint shard = read(files.get(i), mapped.get(i), stateDictKeys);
            shard.tensors().values().forEach(tensors::add);
            members.addAll(shard.members());
            config = config.or(shard::config);
            stateDictKey = stateDictKey.or(shard::stateDictKey);
        }
        return new Checkpoint(tensors.byName(), config, members, stateDictKey);
    }

    private static Checkpoint read(Path file, MemorySegment mapped, List<String> stateDictKeys) {
        if (ZipDirectory.looksLikeZip(mapped)) {
            return TorchCheckpoint.read(mapped, file.toString(), stateDictKeys);
        }
        if (LegacyTorchFile.looksLikeOne(mapped)) {
            return TorchCheckpoint.readLegacy(mapped, file.toString(), stateDictKeys);
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".safetensors") || SafeTensors.looksLikeSafeTensors(mapped)) {
            return SafeTensors.read(mapped, file.toString());
        }
        throw new CheckpointFormatException("cannot read " + file
                + ": it is neither a zip archive of torch.save, nor the older form of one, nor a safetensors file");
    }
}
