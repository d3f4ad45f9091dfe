package io.headgate.mux;

import io.headgate.mux.Content.Ending;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** The reading half of one message body. */
abstract class Incoming {

    /** A body that did not end properly. */
    static final class Cut extends RuntimeException {

        private static final long serialVersionUID = 1L;
        final transient Ending ending;
        final long code;

        Cut(Ending ending, long code, Throwable cause) {
            super(ending + " " + code, cause);
            this.ending = ending;
            this.code = code;
        }
    }

    final List<Msg.Field> trailers = new ArrayList<>();
    private final ByteArrayOutputStream ahead = new ByteArrayOutputStream();

    /** Some bytes, or null at the proper end; waits. */
    abstract byte[] chunk();

    /** Reads exactly that many bytes and leaves the rest. */
    byte[] exactly(int length) {
        while (ahead.size() < length) {
            byte[] chunk = chunk();
            if (chunk == null) {
                throw new AssertionError("body ended after " + ahead.size() + " bytes, expected " + length);
            }
            ahead.writeBytes(chunk);
        }
        byte[] all = ahead.toByteArray();
        ahead.reset();
        ahead.write(all, length, all.length - length);
        return java.util.Arrays.copyOf(all, length);
    }

    /** Reads to the end, whatever it is. */
    Content rest() {
        Ending ending = Ending.CLEAN;
        long code = -1;
        try {
            for (byte[] chunk = chunk(); chunk != null; chunk = chunk()) {
                ahead.writeBytes(chunk);
            }
        } catch (Cut cut) {
            ending = cut.ending;
            code = cut.code;
        }
        byte[] all = ahead.toByteArray();
        ahead.reset();
        return new Content(all, List.copyOf(trailers), ending, code);
    }
}
