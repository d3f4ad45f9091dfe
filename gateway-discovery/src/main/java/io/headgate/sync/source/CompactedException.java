package io.headgate.sync.source;

/** What was to be read or watched next is gone: everything has to be listed again. */
final class CompactedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CompactedException(long revision, String reason) {
        super("revision " + revision + ": compacted (" + reason + ")", null, false, false);
    }
}
