package io.headgate.mux.fuzz;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A fuzz input in two parts: one byte that says how long the first part is, decisions, and what goes over the wire. The wire
 * part is plain, so that inputs can be read and written by hand. Decisions that are not there are 0, the tamest choice.
 */
public final class Script {

    private static final int MOST_DECISIONS = 63;

    private final byte[] input;
    private final int decisionsEnd;
    private int decision;
    private int wire;
    private int random = 0x2545f491;

    public Script(byte[] input) {
        this.input = input;
        this.decisionsEnd = input.length == 0 ? 0 : Math.min(input.length, 1 + (input[0] & MOST_DECISIONS));
        this.decision = Math.min(1, input.length);
        this.wire = decisionsEnd;
    }

    /** The next decision, 0 to 255. */
    int next() {
        return decision < decisionsEnd ? input[decision++] & 0xff : 0;
    }

    boolean hasWire() {
        return wire < input.length;
    }

    /** The next bytes for the wire: all that are left, or when cut is not 0, some few of them. */
    byte[] segment(int cut) {
        int length = input.length - wire;
        if (cut > 0) {
            random ^= random << 13;
            random ^= random >>> 17;
            random ^= random << 5;
            length = Math.min(length, 1 + (random >>> 1) % cut);
        }
        byte[] segment = Arrays.copyOfRange(input, wire, wire + length);
        wire += length;
        return segment;
    }

    /** One byte of the wire part, or 0 behind its end. */
    int wireByte() {
        return hasWire() ? input[wire++] & 0xff : 0;
    }

    /** Moves some bytes of the wire part to a buffer. */
    void wireBytes(ByteBuf to, int length) {
        int present = Math.min(length, input.length - wire);
        to.writeBytes(input, wire, present);
        wire += present;
    }
}
