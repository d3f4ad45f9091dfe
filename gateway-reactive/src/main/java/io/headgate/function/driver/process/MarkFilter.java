package io.headgate.function.driver.process;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Takes marks out of a stream that is read in pieces, which may be cut anywhere, within a mark too. One thread. */
final class MarkFilter {

    /** Takes what is no mark, and is told of marks, in their order. */
    interface Passed {

        void print(byte[] bytes, int from, int to);

        void mark();
    }

    private final byte[] mark;
    private int matched; // the first bytes of a mark that have been read
    private int held; // those of them that came with earlier pieces

    /** Its first byte is nowhere else in it: what turns out to be none can begin another only there. */
    MarkFilter() {
        long one = ThreadLocalRandom.current().nextLong();
        long two = ThreadLocalRandom.current().nextLong();
        String text = "\0mark-" + Long.toHexString(one) + Long.toHexString(two) + '\n';
        this.mark = text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What a mark is made of: something that nobody else writes, and that goes into a pipe as one piece. */
    byte[] mark() {
        return mark.clone();
    }

    boolean isMidMark() {
        return matched > 0;
    }

    void pass(byte[] bytes, int count, Passed to) {
        int from = 0;
        for (int at = 0; at < count; at++) {
            if (bytes[at] == mark[matched]) {
                if (++matched == mark.length) {
                    print(bytes, from, at + 1 - (matched - held), to);
                    from = at + 1;
                    clear();
                    to.mark();
                }
            } else if (matched > 0) {
                flush(to);
                matched = bytes[at] == mark[0] ? 1 : 0;
            }
        }
        print(bytes, from, count - (matched - held), to);
        held = matched;
    }

    /** Prints what looked like a mark and is none, as far as it is not in the piece at hand. */
    void flush(Passed to) {
        print(mark, 0, held, to);
        clear();
    }

    private void clear() {
        matched = 0;
        held = 0;
    }

    private static void print(byte[] bytes, int from, int to, Passed passed) {
        if (from < to) {
            passed.print(bytes, from, to);
        }
    }
}
