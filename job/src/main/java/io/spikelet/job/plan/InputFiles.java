package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The files behind an input path, looked at before any job starts. A path that exists is taken as it stands there; only one
 * that does not is a glob.
 *
 * @param input the path as it was given, for messages
 * @param base the directory that the files lie below: what is left of a glob before its first wildcard
 * @param read what Spark is to read: files and directories that the path names, or some files below
 * @param files all files below, in order of their paths
 * @param partitionColumns names of the columns that directories {@code column=value} below the base stand for
 */
record InputFiles(String input, Path base, List<Path> read, List<InputFile> files, List<String> partitionColumns) {
    /** Files that other programs create next to data. */
    private static final Pattern HOUSEKEEPING = Pattern.compile(
            "\\._.*|_temporary|_spark_metadata|_delta_log|_metadata|_common_metadata|\\.git|\\.cache|\\.ipynb_checkpoints"
                    + "|_SUCCESS|_committed_.*|_started_.*|__pycache__|__MACOSX");

    private static final String COPYING = "._COPYING_";
    private static final int NAMED_FILES = 10;

    /**
     * A file to read.
     *
     * @param name its path below the root that it was found in
     */
    record InputFile(Path path, String name, long length) {
        String uri() {
            return path.toUri().toString();
        }
    }

    /** What names a file whichever way its URI is spelled. */
    static String key(String uri) {
        return URI.create(uri).getPath();
    }

    /**
     * Finds the files.
     *
     * @throws UsageException if there is nothing to read or a part of it would not be read
     */
    static InputFiles find(String input, Configuration configuration) {
        try {
            return new Search(input, configuration).result();
        } catch (UsageException e) { // says all there is to say
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("cannot read --input " + input + ": " + e.getMessage(), e);
        }
    }

    /**
     * The format that the names say.
     *
     * @throws UsageException if they say none or several, or if it is not clear whether a row is a file or a line
     */
    InputFormat format() {
        InputFormat format =
                InputFormat.ofFiles(files.stream().map(InputFile::name).toList(), input);
        if (format == InputFormat.TEXT && files.size() > 1) {
            throw new UsageException("--input " + input + " has " + files.size()
                    + " text files; pass --format files for a row per file, or --format text for a row per line");
        }
        return format;
    }

    /** A reader that takes the paths literally and makes no columns of directories. */
    DataFrameReader reader(SparkSession spark) {
        return LiteralPath.read(spark).option("recursiveFileLookup", "true");
    }

    /** Paths for {@link #reader}. */
    String[] paths() {
        return read.stream().map(Path::toString).toArray(String[]::new);
    }

    /** Some of the files. */
    InputFiles only(List<InputFile> some) {
        return new InputFiles(input, base, some.stream().map(InputFile::path).toList(), some, partitionColumns);
    }

    /**
     * Compares what was found with what will be read.
     *
     * @throws UsageException if Spark leaves out a file
     */
    Dataset<Row> requireAll(Dataset<Row> rows) {
        Set<String> read = new HashSet<>();
        for (String file : rows.inputFiles()) {
            read.add(key(file));
        }
        List<String> missing = files.stream()
                .filter(file -> file.length() > 0 && !read.contains(key(file.uri())))
                .map(InputFile::name)
                .toList();
        if (!missing.isEmpty()) {
            throw new UsageException("--input " + input + " has files that Spark does not read: " + list(missing)
                    + "; rename them or move them away");
        }
        return rows;
    }

    /** So many names, and how many more there are. */
    static String list(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(NAMED_FILES, names.size())));
        return names.size() <= NAMED_FILES ? first : first + " and " + (names.size() - NAMED_FILES) + " more";
    }

    /** Spark skips these. */
    static boolean isHidden(String name) {
        return name.startsWith(".") || (name.startsWith("_") && name.indexOf('=') < 0) || name.endsWith(COPYING);
    }

    /** A walk over the file system. */
    private static final class Search {
        private final String input;
        private final Configuration configuration;
        private final List<Path> roots = new ArrayList<>();
        private final List<InputFile> found = new ArrayList<>();
        private final List<String> hidden = new ArrayList<>();
        private final Set<String> columns = new TreeSet<>();
        private final LocalFiles local;
        private Path base;
        private boolean isGlob;

        Search(String input, Configuration configuration) {
            this.input = input;
            this.local = new LocalFiles(input);
            this.configuration = configuration;
        }

        InputFiles result() throws IOException {
            for (FileStatus match : matches()) {
                Path root = match.getPath();
                boolean isHidden = isHidden(root.getName());
                if (isHidden && isGlob) {
                    addHidden(root.getFileSystem(configuration), match, root.getName());
                    continue;
                }
                addColumns(match.isDirectory() ? root : root.getParent());
                roots.add(root);
                if (match.isDirectory()) {
                    walk(root.getFileSystem(configuration), root, "");
                } else if (isHidden) {
                    hidden.add(root.getName());
                } else {
                    add(match, root.getName());
                }
            }
            if (!hidden.isEmpty()) {
                throw new UsageException("--input " + input + " has files that would not be read, since their names or "
                        + "those of their folders begin with _ or . or end in " + COPYING + ": " + list(hidden)
                        + "; rename them or move them away");
            }
            readColons();
            if (found.isEmpty()) {
                throw new UsageException("--input " + input + " holds no files");
            }
            found.sort(Comparator.comparing(InputFile::uri));
            return new InputFiles(input, base, List.copyOf(roots), List.copyOf(found), List.copyOf(columns));
        }

        /** The columns of directories that a glob goes through. */
        private void addColumns(Path directory) {
            for (Path at = directory; at != null && !at.equals(base); at = at.getParent()) {
                if (at.getName().indexOf('=') > 0) {
                    columns.add(PartitionValues.column(at.getName()));
                }
            }
        }

        private void add(FileStatus file, String name) {
            local.requireRegular(file.getPath(), name);
            found.add(new InputFile(file.getPath(), name, file.getLen()));
        }

        /** Hadoop looks for the checksums of a local file, and fails where its name has a colon. */
        private void readColons() throws IOException {
            for (InputFile file : found) {
                if (file.path().getName().indexOf(':') >= 0
                        && file.path().getFileSystem(configuration) instanceof ChecksumFileSystem local) {
                    local.setVerifyChecksum(false);
                    return;
                }
            }
        }

        private List<FileStatus> matches() throws IOException {
            Path named = LiteralPath.of(input);
            FileSystem files = named.getFileSystem(configuration);
            Path literal = files.makeQualified(named);
            if (files.exists(literal)) {
                FileStatus status = files.getFileStatus(literal);
                base = status.isDirectory()
                        ? status.getPath()
                        : status.getPath().getParent();
                return List.of(status);
            }
            isGlob = Glob.is(input);
            List<FileStatus> matches = isGlob ? Glob.matches(files, input, local) : List.of();
            if (matches.isEmpty()) {
                throw new UsageException("--input " + input + " does not exist; give a file, a directory or a glob");
            }
            base = literal;
            for (Path above = base; above != null; above = above.getParent()) {
                base = Glob.is(above.getName()) ? above.getParent() : base;
            }
            return matches;
        }

        /** @param below the path of the directory below its root, empty or with a slash at the end */
        private void walk(FileSystem files, Path directory, String below) throws IOException {
            FileStatus[] children = files.listStatus(directory);
            local.requireListed(directory, children, any -> true);
            for (FileStatus child : children) {
                String name = child.getPath().getName();
                String relative = below + name;
                if (isHidden(name)) {
                    addHidden(files, child, relative);
                } else if (child.isFile()) {
                    add(child, relative);
                } else {
                    if (name.indexOf('=') < 1) {
                        requireEmpty(files, child.getPath(), name);
                        continue;
                    }
                    local.requireNoLoop(directory, child.getPath());
                    columns.add(PartitionValues.column(name));
                    walk(files, child.getPath(), relative + "/");
                }
            }
        }

        private void requireEmpty(FileSystem files, Path directory, String name) throws IOException {
            if (files.listFiles(directory, true).hasNext()) {
                throw new UsageException("--input " + input + " has the subdirectory " + name
                        + ", which is no column=value partition and would not be read; pass a glob such as " + input
                        + "/*");
            }
        }

        /** Hidden data must not be skipped silently; files that programs create next to data may be. */
        private void addHidden(FileSystem files, FileStatus child, String relative) throws IOException {
            String name = child.getPath().getName();
            if (HOUSEKEEPING.matcher(name).matches()) {
                return;
            }
            if (child.isDirectory()) {
                for (FileStatus inside : files.listStatus(child.getPath())) {
                    addHidden(files, inside, relative + "/" + inside.getPath().getName());
                }
                return;
            }
            String shown = name.endsWith(COPYING) ? name.substring(0, name.length() - COPYING.length()) : name;
            boolean isUnderscored = ("/" + relative).contains("/_") && child.getLen() > 0;
            if (isUnderscored || InputFormat.ofFile(shown).isPresent()) {
                hidden.add(relative);
            }
        }
    }
}
