package io.spikelet.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where tests find their files: the golden cases of this source tree, and the optional {@code ../shared} next to it. */
public final class Fixtures {
    private static final Path ROOT = findRoot();

    private Fixtures() {}

    /** The folder that holds {@code engine} and {@code job}, whichever folder the tests run in. */
    public static Path projectRoot() {
        return ROOT;
    }

    /**
     * A file or folder of the golden data, such as {@code c1-tiny-08b/expected.json}.
     *
     * @throws IllegalArgumentException when it is neither in this source tree nor in {@code ../shared/golden}
     */
    public static Path golden(String relative) {
        Path own = ROOT.resolve("engine/src/test/resources/golden").resolve(relative);
        if (Files.exists(own)) {
            return own;
        }
        return shared("golden/" + relative)
                .orElseThrow(() -> new IllegalArgumentException("no golden file " + relative + " at " + own));
    }

    /** A file or folder of {@code ../shared}, empty when it is absent: the test then skips itself and says so. */
    public static Optional<Path> shared(String relative) {
        return Optional.of(ROOT.resolveSibling("shared").resolve(relative)).filter(Files::exists);
    }

    private static Path findRoot() {
        Path start = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("engine")) && Files.isDirectory(folder.resolve("job"))) {
                return folder;
            }
        }
        throw new IllegalStateException("no folder above " + start + " holds both engine and job");
    }
}
