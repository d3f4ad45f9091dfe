package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The security catalogue of upstreams: each row answers with its bytes and looks at what the client gets, at the connection
 * to the upstream, and at what the next request gets.
 */
class SecurityUpstreamTest {

    /** An answer. */
    record Row(String name, String bytes) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String EVIL = "HTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\nContent-Length: 4\r\n\r\nevil";

    static Stream<Row> invalid() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                "CL and TE", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
        rows.add(new Row("CL twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("CL differing", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"));
        rows.add(new Row("CL list", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx"));
        rows.add(new Row("CL signed", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx"));
        rows.add(new Row("CL that overflows", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx"));
        rows.add(new Row("TE gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx"));
        rows.add(new Row("TE xchunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"));
        rows.add(new Row("TE in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
        rows.add(new Row("bare LF", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx"));
        rows.add(new Row("NUL in a value", "HTTP/1.1 200 OK\r\na: b\0c\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("CR in a value", "HTTP/1.1 200 OK\r\na: b\rc\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("name that is no token", "HTTP/1.1 200 OK\r\na(b: c\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("status 99", "HTTP/1.1 99 Odd\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("status 600", "HTTP/1.1 600 Odd\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("status 2000", "HTTP/1.1 2000 Odd\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("version 2.0", "HTTP/2.0 200 OK\r\nContent-Length: 1\r\n\r\nx"));
        rows.add(new Row("garbage", "SSH-2.0-OpenSSH_9.0\r\n\r\n"));
        rows.add(new Row("head too large", "HTTP/1.1 200 OK\r\na: " + "b".repeat(40_000) + "\r\n\r\n"));
        rows.add(new Row("too many fields", "HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(200) + "\r\n"));
        rows.add(new Row("unsolicited 101", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"));
        rows.add(new Row(
                "nomination of Content-Length",
                "HTTP/1.1 200 OK\r\nConnection: content-length\r\n" + "Content-Length: 1\r\n\r\nx"));
        rows.add(new Row("interim replies without end", "HTTP/1.1 103 Hints\r\na: b\r\n\r\n".repeat(20)));
        return rows.stream();
    }

    static Stream<Arguments> invalidToBoth() {
        return invalid().flatMap(row -> Stream.of(Arguments.of(row, Pair.H1_H1), Arguments.of(row, Pair.H2_H1)));
    }

    @ParameterizedTest
    @MethodSource("invalidToBoth")
    void invalidReplyIs502AndItsConnectionClosed(Row row, Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.client().get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw(row.bytes + EVIL);
            assertThat(call.reply().status()).isEqualTo(502);
            up.awaitCancel();
            assertThat(rig.limits).contains(Limit.UPSTREAM);
            MuxBodiesTest.next(rig, rig.client());
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    static Stream<Arguments> leftovers() {
        List<Arguments> rows = new ArrayList<>();
        for (Pair pair : List.of(Pair.H1_H1, Pair.H2_H1)) {
            rows.add(Arguments.of("body after 204", pair, "GET", "HTTP/1.1 204 No Content\r\n\r\n", EVIL));
            rows.add(Arguments.of("body after 304", pair, "GET", "HTTP/1.1 304 Not Modified\r\n\r\n", EVIL));
            rows.add(Arguments.of(
                    "body after HEAD", pair, "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", EVIL));
            rows.add(Arguments.of("second reply", pair, "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", EVIL));
            rows.add(Arguments.of(
                    "part of a second head",
                    pair,
                    "GET",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 2"));
            rows.add(Arguments.of(
                    "field of a second head",
                    pair,
                    "GET",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\n"));
        }
        return rows.stream();
    }

    /** What comes behind a reply is nobody's reply (response queue poisoning). */
    @ParameterizedTest
    @MethodSource("leftovers")
    void connectionWithLeftoversIsNotUsedAgain(String name, Pair pair, String method, String reply, String leftover)
            throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            Client client = rig.client();
            ClientCall call = client.call(method, "/", false);
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw(reply + leftover);
            ClientCall.Reply first = call.reply();
            assertThat(first.head().status()).isLessThan(400);
            assertThat(first.content().bytes()).isEmpty();
            up.awaitCancel();
            ClientCall second = client.get("/next");
            H1Peer.Call next = (H1Peer.Call) rig.take();
            next.ok("next");
            ClientCall.Reply answer = second.reply();
            assertThat(answer.text()).isEqualTo("next");
            assertThat(answer.head().get("set-cookie")).isNull();
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H1_H1", "H2_H1"})
    void whatPassesIsRegeneratedNotCopied(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.client().get("/");
            H1Peer.Call up = (H1Peer.Call) rig.take();
            up.raw("HTTP/1.1 200 OK\r\nConnection: x-one\r\nX-One: 1\r\nUpgrade: h2,h2c\r\nProxy-Connection: close\r\n"
                            + "x-http2-stream-id: 3\r\nTransfer-Encoding: chunked\r\nX-Folded: a\r\n b\r\nX-Ok: 1\r\n\r\n"
                            + "1;ext=1\r\nx\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\nSet-Cookie: evil=1\r\n\r\n")
                    .done();
            ClientCall.Reply reply = call.reply();
            assertThat(reply.text()).isEqualTo("x");
            assertThat(reply.head().get("x-ok")).isEqualTo("1");
            assertThat(reply.head().get("x-folded")).isEqualTo("a b");
            assertThat(reply.head().names().stream().map(field -> field.toLowerCase(java.util.Locale.ROOT)))
                    .doesNotContain("x-one", "upgrade", "proxy-connection", "x-http2-stream-id", "set-cookie");
            assertThat(reply.content().trailers())
                    .extracting(field -> field.name().toLowerCase(java.util.Locale.ROOT))
                    .containsExactly("x-sum");
        }
    }

    /** A reply that ends before the request: the rest of the request must not meet the next reply. */
    @Test
    void connectionWhoseRequestWasNotSentWholeIsNotUsedAgain() throws Exception {
        try (Rig rig = SecurityRig.start(Pair.H2_H1)) {
            H2Client client = rig.h2();
            ClientCall call = client.post("/", "content-length", "100").send("x");
            UpstreamCall up = rig.take();
            up.body().exactly(1);
            up.reply(403, "no");
            assertThat(call.reply().text()).isEqualTo("no");
            up.awaitCancel();
            MuxBodiesTest.next(rig, client);
            assertThat(rig.upstream.connections).hasValue(2);
        }
    }

    static Stream<Row> invalidOverH2() {
        return Stream.of(
                new Row("no :status", "x"),
                new Row("status 101", ":status=101"),
                new Row("status 99", ":status=099"),
                new Row("status 600", ":status=600"),
                new Row("status with a sign", ":status=+20"),
                new Row("pseudo-header of a request", ":status=200,:path=/"),
                new Row("connection field", ":status=200,connection=close"),
                new Row("transfer-encoding", ":status=200,transfer-encoding=chunked"),
                new Row("CR LF in a value", ":status=200,a=b\r\nevil: 1"),
                new Row("capital letters", ":status=200,Abc=1"),
                new Row("two lengths", ":status=200,content-length=1,content-length=2"));
    }

    @ParameterizedTest
    @MethodSource("invalidOverH2")
    void invalidReplyOverHttp2Is502(Row row) throws Exception {
        for (Pair pair : List.of(Pair.H1_H2, Pair.H2_H2)) {
            try (Rig rig = SecurityRig.start(pair)) {
                ClientCall call = rig.client().get("/");
                H2Peer.Call up = (H2Peer.Call) rig.take();
                Msg head = Msg.of();
                for (String field : row.bytes.split(",")) {
                    int equals = field.indexOf('=');
                    head.fields.add(new Msg.Field(
                            equals < 0 ? field : field.substring(0, equals),
                            equals < 0 ? "" : field.substring(equals + 1)));
                }
                up.stream.wire.headers(up.stream.id, head, false);
                assertThat(call.reply().status()).isEqualTo(502);
                assertThat(up.stream.awaitReset()).isEqualTo(H2Wire.PROTOCOL_ERROR);
                MuxBodiesTest.next(rig, rig.client());
                assertThat(rig.upstream.connections).hasValue(1);
            }
        }
    }
}
