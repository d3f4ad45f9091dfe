package io.headgate.rpc.zrepl;

import org.jspecify.annotations.Nullable;

/** What a frame is part of. */
public enum FrameType {
    /** A header message. */
    HEADER(0x01),
    /** A data message. */
    DATA(0x02),
    /** Defined in 2017 and never used: one that comes is an error. */
    TRAILER(0x03),
    /** Something broke, or the end of the goodbyes; it stands alone and has no payload. */
    RST(0xff);

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    /**
     * The number on the wire.
     *
     * @return 0 to 255
     */
    public int code() {
        return code;
    }

    /**
     * The type of a number.
     *
     * @param code 0 to 255
     * @return the type, or null when there is none of that number
     */
    public static @Nullable FrameType of(int code) {
        return switch (code) {
            case 0x01 -> HEADER;
            case 0x02 -> DATA;
            case 0x03 -> TRAILER;
            case 0xff -> RST;
            default -> null;
        };
    }
}
