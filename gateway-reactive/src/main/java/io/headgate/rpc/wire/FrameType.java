package io.headgate.rpc.wire;

/** The types of frames, and the flags that they may carry. Numbers from {@link #FIRST_IGNORABLE} on are for what comes later. */
final class FrameType {

    static final int HELLO = 0x01;
    static final int HEADER = 0x02;
    static final int DATA = 0x03;
    static final int TRAILER = 0x04;
    static final int ERROR = 0x05;
    static final int CANCEL = 0x06;
    static final int CREDIT = 0x07;
    static final int PING = 0x08;
    static final int GOAWAY = 0x09;
    static final int BYE = 0x0a;

    /** Who does not know a type from here on reads past its frame. */
    static final int FIRST_IGNORABLE = 0x80;

    /** HEADER, DATA: the sender has nothing more for this direction of the call. */
    static final int END = 0x01;
    /** DATA: the element goes on in the next frame of the stream. */
    static final int MORE = 0x02;
    /** DATA with END: there is no element in it, not even an empty one. */
    static final int VOID = 0x04;
    /** PING: this is the answer. */
    static final int ACK = 0x01;
    /** ERROR: no work was done, the call may be made again. */
    static final int UNPROCESSED = 0x01;

    private static final String[] NAMES = {
        "HELLO", "HEADER", "DATA", "TRAILER", "ERROR", "CANCEL", "CREDIT", "PING", "GOAWAY", "BYE"
    };

    private FrameType() {}

    static String name(int type) {
        return type >= HELLO && type <= BYE ? NAMES[type - 1] : String.format("0x%02x", type);
    }
}
