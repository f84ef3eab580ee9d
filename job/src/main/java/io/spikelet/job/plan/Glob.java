package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;

/** What a glob matches. Hadoop's own walk fails where a folder on the way holds a name with a colon. Not thread-safe. */
final class Glob {
    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");
    private static final Pattern ESCAPED = Pattern.compile("\\\\(.)");

    private final FileSystem files;
    private final LocalFiles local;
    private final Map<Path, FileStatus> found = new LinkedHashMap<>();

    private Glob(FileSystem files, LocalFiles local) {
        this.files = files;
        this.local = local;
    }

    /** Whether a text may be a glob. */
    static boolean is(String text) {
        return WILDCARD.matcher(text).find();
    }

    /**
     * The files and directories that a glob matches, in order of their paths.
     *
     * @throws IOException if the glob is none, or a folder on the way cannot be listed
     */
    static List<FileStatus> matches(FileSystem files, String glob, LocalFiles local) throws IOException {
        Glob matches = new Glob(files, local);
        for (String alternative : GlobExpander.expand(glob)) {
            Path path = files.makeQualified(LiteralPath.of(alternative));
            Path root = new Path(path.toUri().getScheme(), path.toUri().getAuthority(), "/");
            List<String> components = Arrays.stream(path.toUri().getPath().split("/"))
                    .filter(component -> !component.isEmpty())
                    .toList();
            matches.match(root, components);
        }
        List<FileStatus> all = new ArrayList<>(matches.found.values());
        all.sort(Comparator.comparing(FileStatus::getPath));
        return all;
    }

    private void match(Path directory, List<String> components) throws IOException {
        GlobFilter filter = new GlobFilter(components.getFirst());
        List<String> rest = components.subList(1, components.size());
        if (!filter.hasPattern()) {
            matchName(directory, ESCAPED.matcher(components.getFirst()).replaceAll("$1"), rest);
            return;
        }
        FileStatus[] children = children(directory);
        local.requireListed(directory, children, filter);
        for (FileStatus child : children) {
            if (filter.accept(child.getPath())) {
                matchRest(child, rest);
            }
        }
    }

    private void matchName(Path directory, String name, List<String> rest) throws IOException {
        Path path = new Path(directory, "./" + name); // a name may hold a colon
        if (!rest.isEmpty()) { // a store of objects may not know the folders above them
            match(path, rest);
        } else if (files.exists(path)) {
            matchRest(files.getFileStatus(path), rest);
        }
    }

    private void matchRest(FileStatus status, List<String> rest) throws IOException {
        if (rest.isEmpty()) {
            found.put(status.getPath(), status);
        } else if (status.isDirectory()) {
            match(status.getPath(), rest);
        }
    }

    private FileStatus[] children(Path directory) throws IOException {
        try {
            return files.getFileStatus(directory).isDirectory() ? files.listStatus(directory) : new FileStatus[0];
        } catch (FileNotFoundException e) {
            return new FileStatus[0];
        }
    }
}
