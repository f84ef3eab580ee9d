package io.spikelet.job.executor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/**
 * A folder in which only the user can create files: its content belongs to the user. On file systems without owners and
 * modes the only check is that it is a folder and not a link.
 */
final class PrivateFolder {
    private static final int STICKY = 01000;

    private PrivateFolder() {}

    /**
     * Creates the folder if it is missing, accessible only to the user, and checks it.
     *
     * @throws IllegalStateException if it is a link or no folder, or if others own it, can write it, or own or can
     *     write a folder above
     */
    static void require(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (Files.isSymbolicLink(folder)) {
            throw refusal(folder, "is a symbolic link", "name the folder that it leads to with --model-cache");
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw refusal(folder, "is no folder", "name another with --model-cache");
        }
        PosixFileAttributeView view =
                Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            requireOwn(folder, view.readAttributes());
        }
    }

    private static void requireOwn(Path folder, PosixFileAttributes attributes) throws IOException {
        UserPrincipal user = user();
        if (!attributes.owner().equals(user)) {
            throw refusal(
                    folder,
                    "belongs to " + attributes.owner().getName() + " and not to " + user.getName(),
                    "name a folder of your own with --model-cache");
        }
        if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw refusal(
                    folder,
                    "can be written by others (" + PosixFilePermissions.toString(attributes.permissions()) + ")",
                    "take that away with chmod go-w, or name a folder in it with --model-cache");
        }
        UserPrincipal root = Files.getOwner(folder.getRoot());
        for (Path above = folder.toRealPath().getParent(); above != null; above = above.getParent()) {
            PosixFileAttributes parent = Files.readAttributes(above, PosixFileAttributes.class);
            if (!parent.owner().equals(user) && !parent.owner().equals(root)) {
                throw refusal(
                        folder,
                        "lies in " + above + " of " + parent.owner().getName() + ", who can put another in its place",
                        "name a folder elsewhere with --model-cache");
            }
            if (canBeReplacedIn(above, parent)) {
                throw refusal(
                        folder,
                        "lies in " + above + ", in which others can put another in its place ("
                                + PosixFilePermissions.toString(parent.permissions()) + ")",
                        "take that away with chmod go-w " + above + ", or name a folder elsewhere with --model-cache");
            }
        }
    }

    /**
     * In a folder with the sticky bit, such as /tmp, only the owner of a file can move it; a group with the name of its user
     * has no other members.
     */
    private static boolean canBeReplacedIn(Path above, PosixFileAttributes attributes) throws IOException {
        boolean byGroup = attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.group().getName().equals(attributes.owner().getName());
        boolean byOthers = attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        return (byGroup || byOthers) && ((int) Files.getAttribute(above, "unix:mode") & STICKY) == 0;
    }

    private static IllegalStateException refusal(Path folder, String fault, String remedy) {
        return new IllegalStateException("the model cache " + folder + " " + fault + "; " + remedy);
    }

    /** The owner of files created by this JVM. */
    static UserPrincipal user() throws IOException {
        Path probe = Files.createTempFile("spikelet", null);
        try {
            return Files.getOwner(probe);
        } finally {
            Files.delete(probe);
        }
    }

    /** Opens a file of the folder, made where it is missing; a link in its place is deleted, not followed. */
    static FileChannel open(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            Files.deleteIfExists(file);
        }
        return FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }
}
