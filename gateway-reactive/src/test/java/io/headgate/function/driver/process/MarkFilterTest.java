package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MarkFilterTest {

    private final MarkFilter filter = new MarkFilter();
    private final Seen seen = new Seen();

    /** What came out; a mark is kept with what had been printed before it. */
    private static final class Seen implements MarkFilter.Passed {

        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private final List<String> marks = new ArrayList<>();

        @Override
        public void print(byte[] bytes, int from, int to) {
            assertThat(from).isLessThan(to);
            text.write(bytes, from, to - from);
        }

        @Override
        public void mark() {
            marks.add(text());
        }

        String text() {
            return text.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private String mark() {
        return new String(filter.mark(), StandardCharsets.ISO_8859_1);
    }

    private void pass(String text, int... cuts) {
        int from = 0;
        for (int to : cuts) {
            piece(text.substring(from, to));
            from = to;
        }
        piece(text.substring(from));
    }

    /** As a reader of a pipe has it: the buffer is longer than what is in it. */
    private void piece(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        filter.pass(Arrays.copyOf(bytes, bytes.length + 7), bytes.length, seen);
    }

    @Test
    void whatIsNoMarkIsPassedOn() {
        pass("a line\nand \0 another\0", 3, 7);
        filter.flush(seen);
        assertThat(seen.text()).isEqualTo("a line\nand \0 another\0");
        assertThat(seen.marks).isEmpty();
    }

    @Test
    void aMarkIsTakenOutWhereverItIsCut() {
        String stream = "before" + mark() + "between" + mark() + mark() + "after";
        for (int first = 0; first <= stream.length(); first++) {
            for (int second = first; second <= stream.length(); second++) {
                Seen all = new Seen();
                for (String piece : new String[] {
                    stream.substring(0, first), stream.substring(first, second), stream.substring(second)
                }) {
                    byte[] bytes = piece.getBytes(StandardCharsets.ISO_8859_1);
                    filter.pass(bytes, bytes.length, all);
                }
                assertThat(all.marks).containsExactly("before", "beforebetween", "beforebetween");
                assertThat(all.text()).isEqualTo("beforebetweenafter");
            }
        }
    }

    @Test
    void whatOnlyBeginsLikeAMarkIsPassedOn() {
        String begun = mark().substring(0, 9);
        pass("a" + begun + begun + mark() + begun + "b", 4, 12, 25);
        assertThat(seen.text()).isEqualTo("a" + begun + begun + begun + "b");
        assertThat(seen.marks).containsExactly("a" + begun + begun);
    }

    @Test
    void whatBeginsLikeAMarkAndNeverGoesOnComesWithTheEnd() {
        pass("a" + mark().substring(0, 5), 3);
        assertThat(filter.isMidMark()).isTrue();
        assertThat(seen.text()).isEqualTo("a");
        filter.flush(seen);
        assertThat(seen.text()).isEqualTo("a" + mark().substring(0, 5));
    }

    @Test
    void nothingIsLostOrAddedInRandomStreams() {
        Random random = new Random(41);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder stream = new StringBuilder();
            StringBuilder text = new StringBuilder();
            int marks = 0;
            for (int part = 0; part < 12; part++) {
                if (random.nextInt(3) == 0) {
                    stream.append(mark());
                    marks++;
                } else {
                    String words = mark().substring(0, random.nextInt(mark().length()));
                    stream.append(words).append('x');
                    text.append(words).append('x');
                }
            }
            int[] cuts = random.ints(4, 0, stream.length() + 1).sorted().toArray();
            Seen before = new Seen();
            MarkFilter.Passed all = before;
            int from = 0;
            for (int to : cuts) {
                byte[] bytes = stream.substring(from, to).getBytes(StandardCharsets.ISO_8859_1);
                filter.pass(bytes, bytes.length, all);
                from = to;
            }
            byte[] rest = stream.substring(from).getBytes(StandardCharsets.ISO_8859_1);
            filter.pass(rest, rest.length, all);
            assertThat(before.text()).isEqualTo(text.toString());
            assertThat(before.marks).hasSize(marks);
        }
    }
}
