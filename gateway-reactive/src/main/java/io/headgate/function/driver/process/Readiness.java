package io.headgate.function.driver.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What makes a process ready: a link, made when it listens, to a socket beside it. Blocks. */
final class Readiness {

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private Readiness() {}

    /**
     * Looks at the listener.
     *
     * @return false when it is not there yet
     * @throws IOException when what is there is not what it must be
     */
    static boolean check(Path directory) throws IOException {
        Path listener = directory.resolve(Workspace.LISTENER);
        if (!Files.exists(listener, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Path socket = listener;
        if (Files.isSymbolicLink(listener)) {
            Path target = Files.readSymbolicLink(listener);
            if (target.isAbsolute()
                    || target.getNameCount() != 1
                    || target.toString().startsWith(".")) {
                throw new IOException("FN_LISTENER links to " + target + " (expected: a name without a directory)");
            }
            socket = directory.resolve(target);
        }
        if (!isSocket(socket)) {
            throw new IOException("FN_LISTENER is no socket (expected: a socket, or a link to one beside it)");
        }
        return true;
    }

    private static boolean isSocket(Path path) throws IOException {
        try {
            Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return mode instanceof Integer bits && (bits & FILE_TYPE) == SOCKET;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
