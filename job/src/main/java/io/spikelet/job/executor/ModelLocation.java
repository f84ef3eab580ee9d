package io.spikelet.job.executor;

import io.spikelet.engine.model.ModelSettings;
import io.spikelet.job.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Where a model directory is: on every machine under the same path ({@code file:}), or in a Hadoop file system from which
 * each node stages a copy.
 *
 * @param uri absolute
 * @param settings under which it runs
 */
public record ModelLocation(URI uri, ModelSettings settings) {
    private static final String LOCAL = "file";
    /** At least two letters, since one is a drive. */
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

    private ModelLocation(URI uri) {
        this(uri, ModelSettings.NONE);
    }

    /** The same model under other settings. */
    public ModelLocation with(ModelSettings others) {
        return new ModelLocation(uri, others);
    }

    /** A directory of this machine. */
    public static ModelLocation of(Path directory) {
        return new ModelLocation(directory.toAbsolutePath().normalize().toUri());
    }

    /**
     * Parses {@code --model}: a path, or a URI such as {@code file:/models/a}, {@code hdfs:///models/a},
     * {@code s3a://bucket/models/a}. An existing path takes precedence.
     *
     * @throws UsageException if it is neither
     */
    public static ModelLocation parse(String text) {
        if (text.isBlank()) {
            throw new UsageException("--model is empty; name a model directory");
        }
        Path path = Path.of(text);
        if (!SCHEME.matcher(text).matches() || Files.exists(path)) {
            return of(path);
        }
        try {
            URI uri = new URI(text);
            if (uri.isOpaque()) {
                throw new UsageException("--model " + text + " has no path after its scheme; write " + uri.getScheme()
                        + ":/path or " + uri.getScheme() + "://host/path");
            }
            return LOCAL.equalsIgnoreCase(uri.getScheme()) ? of(Path.of(uri.getPath())) : new ModelLocation(uri);
        } catch (URISyntaxException e) {
            throw new UsageException("--model " + text + " is no path and no URI: " + e.getMessage(), e);
        }
    }

    public boolean isLocal() {
        return isLocal(uri);
    }

    /** The directory, if it is on this machine. */
    public Path directory() {
        return Path.of(uri);
    }

    static boolean isLocal(URI uri) {
        return LOCAL.equals(uri.getScheme());
    }

    @Override
    public String toString() {
        return isLocal() ? directory().toString() : uri.toString();
    }
}
