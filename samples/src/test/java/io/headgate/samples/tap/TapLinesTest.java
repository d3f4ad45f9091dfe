package io.headgate.samples.tap;

import static io.headgate.samples.tap.Events.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.RequestInit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TapLinesTest {

    private static final String WHO = " id=4294967295:0 proxy=out src=127.0.0.1:50000 dst=127.0.0.2:9000 tls=true";

    private final TapLines lines = new TapLines(false, false);

    @Test
    void anExchangeIsALineEachForItsRequestReplyAndEnd() {
        assertThat(lines.apply(seen(Events.request(0, "GET", "/books/1?full"))))
                .isEqualTo("req" + WHO + " :method=GET :authority=books.example :path=/books/1?full");
        assertThat(lines.apply(seen(Events.response(0, 2, 200))))
                .isEqualTo("rsp" + WHO + " :status=200 latency=2000µs");
        assertThat(lines.apply(seen(Events.end(0, 4, 12, new End.Complete()))))
                .isEqualTo("end" + WHO + " duration=2000µs request-length=5B response-length=12B");
    }

    @Test
    void theEndSaysHowItCame() {
        assertThat(lines.apply(seen(Events.end(0, 4, 0, new End.Grpc(14))))).contains(" grpc-status=UNAVAILABLE ");
        assertThat(lines.apply(seen(Events.end(0, 4, 0, new End.Grpc(99))))).contains(" grpc-status=99 ");
        assertThat(lines.apply(seen(Events.end(0, 4, 0, new End.Failed("h2(CANCEL)", 8)))))
                .contains(" error=h2(CANCEL) reset-error=8 ");
        assertThat(lines.apply(seen(Events.end(0, 4, 0, new End.Cancelled())))).contains(" error=cancelled ");
        assertThat(lines.apply(seen(Events.failed(0, 7, "timeout"))))
                .isEqualTo("end" + WHO + " error=timeout duration=7000µs response-length=0B");
    }

    @Test
    void wideAddsLabelsAndHeaderFields() {
        RequestInit request = Events.request(0, "GET", "/", "accept", "*/*");
        RequestInit labelled = new RequestInit(
                request.id(),
                Events.peers(Map.of("route", "read book")),
                "GET",
                "http",
                "books.example",
                "/",
                request.headers());

        assertThat(new TapLines(true, true).apply(seen(labelled)))
                .isEqualTo("req" + WHO + " :method=GET :scheme=http :authority=books.example :path=/ dst_zone=a"
                        + " rt_route=read book\n    accept: */*");
        assertThat(new TapLines(false, true).apply(seen(labelled)))
                .endsWith(" :path=/\n    accept: */*")
                .doesNotContain("dst_zone");
    }

    @Test
    void piecesOfBodiesAreTextOrBytes() {
        assertThat(lines.apply(seen(Events.data(0, true, 0, "one\ntwo", true))))
                .isEqualTo("dat" + WHO + " of=request length=7B cut\n    one\n    two");
        assertThat(lines.apply(seen(Events.data(0, false, 0, "\0\u0001", false))))
                .isEqualTo("dat" + WHO + " of=response length=2B\n    00 01");
        assertThat(lines.apply(seen(Events.data(0, false, 7, "x", false)))).contains(" of=response offset=7 length=1B");
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThat(lines.apply(seen(new Dropped(12, 3)))).startsWith("... 12 events dropped, 3 exchanges among them");
    }

    @Test
    void nothingOfAStrangerMovesTheCursor() {
        assertThat(lines.apply(seen(Events.request(0, "GET", "/\u001b[2J\r\n\u202e\u009b"))))
                .endsWith(" :path=/\\x1b[2J\\x0d\\x0a\\u202e\\x9b");
    }
}
