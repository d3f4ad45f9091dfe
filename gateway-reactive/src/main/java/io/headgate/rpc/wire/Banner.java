package io.headgate.rpc.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The first line of each side: {@code headgate-rpc MIN-MAX}, ended by a line feed, at most 64 bytes of ASCII. Who connects
 * with a terminal can read it. Its first byte is one that no frame of 2017 begins with.
 *
 * <p>Pushed with what is read until it is complete; needs no channel.
 */
final class Banner {

    /** The first byte of every banner. */
    static final int FIRST_BYTE = 'h';
    /** The versions that this side speaks. */
    static final int LEAST_VERSION = 1;

    static final int MOST_VERSION = 1;

    private static final String NAME = "headgate-rpc ";
    private static final int MOST_BYTES = 64;
    private static final int SHOWN = 32;

    private final StringBuilder line = new StringBuilder(MOST_BYTES);
    private int version;

    static String own() {
        return NAME + versions() + "\n";
    }

    private static String versions() {
        return LEAST_VERSION + "-" + MOST_VERSION;
    }

    /** The version to speak; zero as long as the banner is not complete. */
    int version() {
        return version;
    }

    /** Whether nothing has come yet. */
    boolean isEmpty() {
        return line.isEmpty();
    }

    /**
     * Reads up to the end of the line, and not beyond.
     *
     * @return whether the banner is complete
     * @throws WireViolation when this is no banner, or has no version in common with ours
     */
    boolean feed(ByteBuf in) {
        while (version == 0 && in.isReadable()) {
            char next = (char) in.readUnsignedByte();
            if (next == '\n') {
                version = common();
                return true;
            }
            int at = line.length();
            line.append(next);
            boolean wrong = at < NAME.length() ? next != NAME.charAt(at) : next != '-' && (next < '0' || next > '9');
            if (wrong || line.length() >= MOST_BYTES) {
                throw notABanner(in);
            }
        }
        return version != 0;
    }

    private int common() {
        int dash = line.indexOf("-", NAME.length());
        if (line.length() <= NAME.length() || dash < 0) {
            throw notABanner(null);
        }
        int least = number(NAME.length(), dash);
        int most = number(dash + 1, line.length());
        if (least < 1 || least > most) {
            throw notABanner(null);
        }
        if (most < LEAST_VERSION || least > MOST_VERSION) {
            throw new WireViolation("version of the other side: " + least + "-" + most + " (expected: one of "
                    + versions() + ", which this side speaks)");
        }
        return Math.min(most, MOST_VERSION);
    }

    private int number(int from, int to) {
        if (to <= from || to - from > 6) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private WireViolation notABanner(@org.jspecify.annotations.Nullable ByteBuf rest) {
        StringBuilder shown = new StringBuilder(line);
        if (rest != null) {
            shown.append(rest.toString(
                    rest.readerIndex(), Math.min(rest.readableBytes(), SHOWN), StandardCharsets.ISO_8859_1));
        }
        return new WireViolation("banner: \"" + Texts.printable(shown, SHOWN) + "\" (expected: \"" + NAME
                + "MIN-MAX\", as in \"" + NAME + versions() + "\")");
    }
}
