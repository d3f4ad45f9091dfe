package io.headgate.function.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.log.Printed.Call;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutputRouterTest {

    private final List<String> lines = new ArrayList<>();
    private final AtomicInteger released = new AtomicInteger();
    private boolean on = true;
    private final LineSink sink = new LineSink() {
        @Override
        public boolean isOn() {
            return on;
        }

        @Override
        public void line(Source source, @Nullable String callId, String line) {
            lines.add(callId + ": " + line);
        }
    };

    private OutputRouter router(int maxLineBytes, boolean framed) {
        LineSink.Source source = new LineSink.Source(Printed.app(null), Printed.FN, "i-1");
        return new OutputRouter(source, List.of(sink), maxLineBytes, framed, released::incrementAndGet);
    }

    private final OutputRouter router = router(64, false);

    @Test
    void whatIsPrintedBelongsToTheCallThatRuns() {
        Call one = new Call("A");
        Call two = new Call("B");
        Printed.print(router, "starting\n");
        router.begin(one);
        Printed.print(router, "first\n");
        router.end(one);
        router.begin(two);
        Printed.print(router, "second\n");
        router.end(two);
        Printed.print(router, "idle\n");
        assertThat(one.text()).isEqualTo("first\n");
        assertThat(two.text()).isEqualTo("second\n");
        assertThat(lines).containsExactly("null: starting", "A: first", "B: second", "null: idle");
    }

    @Test
    void halfALineStaysWithTheCallThatPrintedIt() {
        Call one = new Call("A");
        Call two = new Call("B");
        router.begin(one);
        Printed.print(router, "fir");
        Printed.print(router, "st");
        assertThat(one.text()).isEqualTo("first"); // a call need not wait for the rest
        router.end(one);
        router.begin(two);
        Printed.print(router, "second");
        router.close();
        assertThat(lines).containsExactly("A: first", "B: second");
        assertThat(two.text()).isEqualTo("second");
    }

    @Test
    void whileSeveralCallsRunWhatIsPrintedBelongsToNone() {
        Call one = new Call("A");
        Call two = new Call("B");
        router.begin(one);
        router.begin(two);
        Printed.print(router, "whose\n");
        router.end(one);
        Printed.print(router, "mine\n");
        router.end(two);
        assertThat(one.text()).isEmpty();
        assertThat(two.text()).isEqualTo("mine\n");
        assertThat(lines).containsExactly("null: whose", "B: mine");
    }

    @Test
    void aCallGetsItsOutputWhereNobodyWantsLines() {
        on = false;
        Call one = new Call("A");
        router.begin(one);
        Printed.print(router, "half a line");
        router.end(one);
        on = true;
        Printed.print(router, "later\n");
        assertThat(one.text()).isEqualTo("half a line");
        assertThat(lines).containsExactly("null: later");
    }

    @Test
    void linesAreSafeToRead() {
        Printed.print(router, "red \u001b[31m\tbell \u0007 \u2028 end\r\n\n\r\nnext\n");
        router.print(Unpooled.wrappedBuffer(new byte[] {'x', (byte) 0xFF, '\n'}));
        assertThat(lines)
                .containsExactly("null: red \\u001b[31m\tbell \\u0007 \\u2028 end", "null: next", "null: x\uFFFD");
    }

    @Test
    void anOverlongLineGoesOnAsAnotherAndIsNotCutWithinACharacter() {
        String text = "é".repeat(100); // 200 bytes
        byte[] bytes = ("." + text + "\n").getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            router.print(Unpooled.wrappedBuffer(new byte[] {b}));
        }
        List<String> piecemeal = List.copyOf(lines);
        lines.clear();
        Printed.print(router, "." + text + "\n");
        assertThat(lines).isEqualTo(piecemeal);
        assertThat(String.join("", lines).replace("null: ", "")).isEqualTo("." + text);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.replace("null: ", "").getBytes(StandardCharsets.UTF_8))
                        .hasSizeBetween(1, 64));
    }

    @Test
    void nothingComesAfterTheEnd() {
        router.close();
        router.close();
        Printed.print(router, "late\n");
        assertThat(lines).isEmpty();
        assertThat(released).hasValue(1);
    }

    // ---- frames

    @Test
    void aFunctionSaysItselfWhoseItsLinesAre() {
        OutputRouter framed = router(64, true);
        assertThat(framed.environment()).containsEntry("FN_LOGFRAME_HDR", "Fn-Call-Id");
        String frame = "\n" + framed.environment().get("FN_LOGFRAME_NAME") + "=";
        Call one = new Call("A");
        Call two = new Call("B");
        framed.begin(one);
        Printed.print(framed, frame + "A\n\nfirst\n");
        framed.end(one);
        framed.begin(two);
        Printed.print(framed, "last words\n" + frame + "B\nsec");
        Printed.print(framed, "ond\n" + frame + "B\nto the error stream\n");
        assertThat(one.text()).isEqualTo("\nfirst\n");
        assertThat(two.text()).isEqualTo("second\nto the error stream\n");
        assertThat(lines).containsExactly("A: first", "A: last words", "B: second", "B: to the error stream");
    }

    @Test
    void withFramesHalfALineIsPartOfItsCallWhenThatEndsAndNotWhenAnotherDoes() {
        OutputRouter framed = router(64, true);
        String frame = "\n" + framed.environment().get("FN_LOGFRAME_NAME") + "=";
        Call one = new Call("A");
        Call two = new Call("B");
        framed.begin(one);
        framed.begin(two);
        Printed.print(framed, frame + "A\nno end");
        framed.end(two);
        assertThat(one.text()).isEmpty();
        framed.end(one);
        assertThat(one.text()).isEqualTo("no end\n");
        Printed.print(framed, frame + "C\nnext\n");
        assertThat(lines).containsExactly("A: no end", "C: next");
    }

    @Test
    void framesTellCallsApartThatRunTogether() {
        OutputRouter framed = router(64, true);
        String frame = "\n" + framed.environment().get("FN_LOGFRAME_NAME") + "=";
        Call one = new Call("A");
        Call two = new Call("B");
        framed.begin(one);
        framed.begin(two);
        Printed.print(framed, frame + "B\nfirst of b\n" + frame + "A\n" + "a".repeat(70) + "\n");
        assertThat(one.text()).isEqualTo("a".repeat(70) + "\n");
        assertThat(two.text()).isEqualTo("first of b\n");
        assertThat(router(64, false).environment()).isEmpty();
    }

    // ---- the log of a call

    @Test
    void aCallLogIsBoundedAndSaysWhatIsMissing() {
        CallLog log = CallLog.of(10);
        assertThat(log.bytes()).isEmpty();
        print(log, "12345\n");
        assertThat(log.isCut()).isFalse();
        print(log, "789012");
        print(log, "x\n");
        assertThat(log.isCut()).isTrue();
        assertThat(new String(log.bytes(), StandardCharsets.UTF_8)).isEqualTo("12345\n7890\n[cut: 4 bytes more]\n");
    }

    @Test
    void aCallLogKeepsAllWithinItsBound() {
        CallLog log = CallLog.create();
        String piece = "0123456789abcdef".repeat(64);
        for (int i = 0; i < 1024; i++) {
            print(log, piece);
        }
        assertThat(log.isCut()).isFalse();
        assertThat(new String(log.bytes(), StandardCharsets.UTF_8)).isEqualTo(piece.repeat(1024));
    }

    private static void print(CallLog log, String text) {
        ByteBuf bytes = Printed.bytes(text);
        log.print(bytes);
        assertThat(bytes.readableBytes()).isEqualTo(text.length()); // borrowed, and as it was
    }
}
