package io.headgate.mirror;

/** The body of a mirrored request ends here: more would have to wait in memory than may. Reaches only the mirror. */
final class MirrorCutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MirrorCutException(int maxBytes) {
        super(
                "mirror: too slow for the request body (expected: at most " + maxBytes + " bytes behind)",
                null,
                false,
                false);
    }
}
