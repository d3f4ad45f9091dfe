package io.headgate.function.driver.process;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what an image names. */
final class Images {

    private static final String NODE = "node:";

    private final Map<String, ProcessImage> registered;
    private final @Nullable Path nodeRoot;

    Images(ProcessDriverSpec spec) {
        registered = spec.images();
        nodeRoot = spec.nodeRoot();
    }

    boolean knows(String image) {
        return registered.containsKey(image) || (nodeRoot != null && image.startsWith(NODE));
    }

    /** Blocks. */
    ProcessImage find(String image) {
        ProcessImage found = registered.get(image);
        if (found == null && nodeRoot != null && image.startsWith(NODE)) {
            found = inRoot(nodeRoot, image);
        }
        if (found == null || !Files.isDirectory(found.directory())) {
            throw new FunctionException(
                    ErrorKind.IMAGE_NOT_FOUND, "image: " + image + " (expected: one that this server has)");
        }
        return found;
    }

    /** What is in the root also when links have been followed: a name may come from whoever may create functions. */
    private static @Nullable ProcessImage inRoot(Path root, String image) {
        try {
            Path inside = root.toRealPath();
            Path script = inside.resolve(image.substring(NODE.length()))
                    .resolve("func.js")
                    .toRealPath();
            Path directory = script.getParent();
            return directory != null && directory.startsWith(inside) && !directory.equals(inside)
                    ? ProcessImage.node(directory)
                    : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }
}
