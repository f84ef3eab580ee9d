package io.spikelet.job.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The checkout whose files commands use: named by the scripts, else the nearest folder upwards that has them. */
final class ProjectHome {
    /** System property with the folder that holds {@code datasets} and {@code conf}. */
    static final String PROPERTY = "spikelet.home";

    private ProjectHome() {}

    /** Where the search begins. */
    static Path start() {
        return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath();
    }

    /** The folder that has a directory of that name. */
    static Optional<Path> having(String directory) {
        return Stream.iterate(start(), Objects::nonNull, Path::getParent)
                .filter(folder -> Files.isDirectory(folder.resolve(directory)))
                .findFirst();
    }
}
