package io.headgate.rpc.wire;

/** The other side broke the protocol or a limit: the connection is over. Says what was found and what was expected. */
final class WireViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WireViolation(String message) {
        super(message, null, false, false);
    }
}
