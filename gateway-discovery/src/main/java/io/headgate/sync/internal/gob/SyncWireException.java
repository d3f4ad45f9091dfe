package io.headgate.sync.internal.gob;

import io.netty.handler.codec.DecoderException;

/**
 * What came is not what may come: the stream is over. Has no stack trace, since strangers cause it, and says which value was
 * found and what was expected.
 */
public final class SyncWireException extends DecoderException {

    private static final long serialVersionUID = 1L;

    /** What is wrong, for those who count. */
    public enum Reason {
        /** A frame, or the frames of one message, are longer than allowed. */
        FRAME_TOO_LONG,
        /** A value goes on behind the end of its frame. */
        TRUNCATED,
        /** The first byte of a number says that more than eight follow, or the number is out of range. */
        BAD_NUMBER,
        /** More elements than bytes are left for, or than allowed. */
        BAD_COUNT,
        /** Bytes are left in a frame whose value has ended. */
        TRAILING_BYTES,
        /** A type id is not one that a sender may define. */
        BAD_TYPE_ID,
        /** A type id was defined before. */
        DUPLICATE_TYPE,
        /** More types, or fields of a type, than allowed. */
        TOO_MANY_TYPES,
        /** A name is longer than allowed. */
        NAME_TOO_LONG,
        /** Values are nested deeper than allowed. */
        TOO_DEEP,
        /** A type id was not defined before it was needed. */
        UNDEFINED_TYPE,
        /** A definition is none. */
        BAD_DEFINITION,
        /** A type is of another kind than the value must have. */
        WRONG_KIND,
        /** The name of an interface value is not registered here. */
        UNKNOWN_NAME,
        /** An envelope is empty. */
        NO_MESSAGE,
        /** A message, or something that is none, that this side is not told. */
        UNEXPECTED_MESSAGE,
        /** A number or a time means nothing. */
        BAD_VALUE,
        /** The framing or the contents of compressed chunks are broken. */
        BAD_COMPRESSION
    }

    private final Reason reason;

    /**
     * A refusal.
     *
     * @param reason for those who count
     * @param message reads {@code name: value (expected: ...)}
     */
    public SyncWireException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * What is wrong.
     *
     * @return one of a closed list
     */
    public Reason reason() {
        return reason;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
