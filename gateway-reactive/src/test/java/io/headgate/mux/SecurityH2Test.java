package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.mux.Incoming.Cut;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The security catalogue of HTTP/2 clients: each row sends its header list as it is and looks at the answer, at the upstream,
 * and at what the next client gets.
 */
class SecurityH2Test {

    /** An attack; answered with a status, or with RST_STREAM PROTOCOL_ERROR where that is 0. */
    record Row(String name, Msg head, int status) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class Table {

        private final List<Row> rows = new ArrayList<>();

        Table add(String name, int status, String... fields) {
            rows.add(new Row(name, Msg.of(fields), status));
            return this;
        }

        /** A valid head with more fields. */
        Table with(String name, String... fields) {
            return replaced(name, 0, "", "", fields);
        }

        /** A valid head with more fields, which is understood but not taken. */
        Table understood(String name, int status, String... fields) {
            return replaced(name, status, "", "", fields);
        }

        /** A valid head with another value of a pseudo-header, or without it. */
        Table replaced(String name, int status, String pseudo, String value, String... fields) {
            List<String> all = new ArrayList<>();
            for (String[] field : new String[][] {
                {":method", "POST"}, {":scheme", "http"}, {":authority", "a.example"}, {":path", "/"}
            }) {
                String text = field[0].equals(pseudo) ? value : field[1];
                if (text != null) {
                    all.addAll(List.of(field[0], text));
                }
            }
            all.addAll(List.of(fields));
            return add(name, status, all.toArray(new String[0]));
        }
    }

    static Stream<Row> fields() {
        return new Table()
                        .with("transfer-encoding", "transfer-encoding", "chunked")
                        .with("connection", "connection", "keep-alive")
                        .with("keep-alive", "keep-alive", "1")
                        .with("proxy-connection", "proxy-connection", "close")
                        .with("upgrade", "upgrade", "h2c")
                        .with("te other than trailers", "te", "gzip")
                        .with("CR LF in a value", "a", "b\r\nevil: 1")
                        .with("LF in a value", "a", "b\nevil: 1")
                        .with("NUL in a value", "a", "b\0c")
                        .with("CR LF in a name", "a\r\nevil", "b")
                        .with("colon in a name", "a:b", "c")
                        .with("space in a name", "a b", "c")
                        .with("capital letters in a name", "Abc", "c")
                        .with("empty name", "", "c")
                        .with("space before a value", "a", " b")
                        .with("space behind a value", "a", "b ")
                        .with("tab behind a value", "a", "b\t")
                        .with("two differing lengths", "content-length", "5", "content-length", "6")
                        .with("length that is no number", "content-length", "x")
                        .with("length with a sign", "content-length", "+5")
                        .with("length that overflows", "content-length", "99999999999999999999")
                        .with("host at odds with :authority", "host", "b.example")
                        .with("host repeated", "host", "a.example", "host", "a.example")
                        .rows
                        .stream();
    }

    static Stream<Row> pseudoHeaders() {
        return new Table()
                        .replaced("no :method", 0, ":method", null)
                        .replaced("no :scheme", 0, ":scheme", null)
                        .replaced("no :path", 0, ":path", null)
                        .replaced("neither :authority nor host", 0, ":authority", null)
                        .replaced("empty :method", 0, ":method", "")
                        .replaced("empty :path", 0, ":path", "")
                        .replaced("empty :authority", 0, ":authority", "")
                        .replaced("space in :method", 0, ":method", "GET /evil HTTP/1.1\r\nHost: b")
                        .replaced("scheme ftp", 0, ":scheme", "ftp")
                        .replaced("URI in :scheme", 0, ":scheme", "http://evil/?")
                        .replaced("space in :path", 0, ":path", "/ HTTP/1.1 evil")
                        .replaced("tab in :path", 0, ":path", "/\tHTTP/1.1")
                        .replaced("CR LF in :path", 0, ":path", "/ HTTP/1.1\r\nevil: 1")
                        .replaced(":path without slash", 0, ":path", "a")
                        .replaced(":path with an asterisk for POST", 0, ":path", "*")
                        .replaced("absolute URI in :path", 0, ":path", "http://evil/")
                        .replaced("fragment in :path", 0, ":path", "/#a")
                        .replaced("escaped NUL in :path", 400, ":path", "/%00")
                        .replaced(":path above the root", 400, ":path", "/a/../../b")
                        .replaced("space in :authority", 0, ":authority", "a b")
                        .replaced("user information in :authority", 0, ":authority", "u@a.example")
                        .replaced("CR LF in :authority", 0, ":authority", "a\r\nevil: 1")
                        .with(":method twice", ":method", "GET")
                        .with(":path twice", ":path", "/b")
                        .with(":status of a response", ":status", "200")
                        .with("unknown pseudo-header", ":evil", "1")
                        .with(":protocol without the setting", ":protocol", "websocket")
                        .add(
                                "late pseudo-header",
                                0,
                                ":method",
                                "GET",
                                ":scheme",
                                "http",
                                ":authority",
                                "a",
                                "b",
                                "c",
                                ":path",
                                "/")
                        .replaced("CONNECT", 501, ":method", "CONNECT")
                        .replaced("TRACE", 405, ":method", "TRACE")
                        .understood("Expect that is not known", 417, "expect", "foo")
                        .understood("too large a head, small when compressed", 431, bomb(20))
                        .understood("too many fields", 431, crumbs(150))
                        .rows
                        .stream();
    }

    /** One field of 3 KB again and again: a byte each after the first. */
    private static String[] bomb(int count) {
        String[] fields = new String[count * 2];
        for (int i = 0; i < count; i++) {
            fields[i * 2] = "a";
            fields[i * 2 + 1] = "0".repeat(3000);
        }
        return fields;
    }

    private static String[] crumbs(int count) {
        String[] fields = new String[count * 2];
        for (int i = 0; i < count; i++) {
            fields[i * 2] = "cookie";
            fields[i * 2 + 1] = "a=" + i;
        }
        return fields;
    }

    @ParameterizedTest
    @MethodSource({"fields", "pseudoHeaders"})
    void isRefusedAndGoesNoFurther(Row row) throws Exception {
        for (Pair pair : List.of(Pair.H2_H1, Pair.H2_H2)) {
            try (Rig rig = SecurityRig.start(pair)) {
                H2Client attacker = rig.h2();
                ClientCall call = attacker.open(row.head, true);
                if (row.status > 0) {
                    assertThat(call.head().status()).isEqualTo(row.status);
                } else {
                    assertThatThrownBy(call::head)
                            .isInstanceOfSatisfying(
                                    Cut.class, cut -> assertThat(cut.code).isEqualTo(H2Wire.PROTOCOL_ERROR));
                }
                assertThat(attacker.wire.goAway).isNotDone();
                SecurityRig.assertHarmless(rig);
                MuxBodiesTest.next(rig, attacker); // the connection itself goes on
            }
        }
    }

    /** What was promised and what came differ: the upstream never gets a whole request (H2.CL). */
    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void lengthThatDiffersFromTheBodyIsCut(Pair pair) throws Exception {
        for (String body : List.of("", "x", "longer than promised")) {
            try (Rig rig = SecurityRig.start(pair)) {
                H2Client.Call call = (H2Client.Call) rig.h2().call("POST", "/", true, "content-length", "5");
                call.send(body);
                try {
                    call.end();
                } catch (java.io.UncheckedIOException e) {
                    // reset already
                }
                assertThatThrownBy(call::head)
                        .isInstanceOfSatisfying(
                                Cut.class, cut -> assertThat(cut.code).isEqualTo(H2Wire.PROTOCOL_ERROR));
                rig.awaitNoExchanges();
                if (rig.upstream.requests.get() > 0) {
                    assertThat(rig.take().body().rest().isClean()).isFalse();
                }
                ClientCall next = rig.client().get("/next");
                UpstreamCall up = rig.take();
                assertThat(up.request.target()).isEqualTo("/next");
                up.ok("next");
                assertThat(next.reply().text()).isEqualTo("next");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void trailersThatFrameRouteOrAuthenticateAreDropped(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.client().post("/").send("x");
            call.end(
                    "content-length",
                    "9",
                    "host",
                    "evil",
                    "authorization",
                    "evil",
                    "x-forwarded-for",
                    "e",
                    "x-sum",
                    "1");
            UpstreamCall up = rig.take();
            Content body = up.body().rest();
            assertThat(body.trailers()).extracting(Msg.Field::name).containsExactly("x-sum");
            assertThat(up.request.get("authorization")).isNull();
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void pseudoHeaderInTrailersIsReset(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.client().post("/").send("x");
            UpstreamCall up = rig.take();
            call.end(":path", "/evil");
            assertThatThrownBy(call::head)
                    .isInstanceOfSatisfying(
                            Cut.class, cut -> assertThat(cut.code).isEqualTo(H2Wire.PROTOCOL_ERROR));
            assertThat(up.body().rest().isClean()).isFalse();
            rig.awaitNoExchanges();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H2_H1", "H2_H2"})
    void whatPassesIsRegeneratedNotCopied(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.h2()
                    .get(
                            "/a/./%7eb",
                            "cookie",
                            "a=1",
                            "cookie",
                            "b=2",
                            "proxy",
                            "evil",
                            "x-http2-stream-id",
                            "3",
                            "x-http2-scheme",
                            "evil",
                            "http2-settings",
                            "AAAA",
                            "transfer_encoding",
                            "chunked",
                            "te",
                            "trailers");
            UpstreamCall up = rig.take();
            assertThat(up.request.target()).isEqualTo("/a/~b");
            assertThat(String.join("; ", up.request.all("cookie"))).isEqualTo("a=1; b=2");
            assertThat(up.request.all("cookie")).hasSize(pair.h1Back() ? 1 : 2);
            assertThat(up.request.get("te")).isEqualTo("trailers");
            assertThat(up.request.names())
                    .doesNotContain(
                            "proxy", "x-http2-stream-id", "x-http2-scheme", "http2-settings", "transfer_encoding");
            assertThat(up.request.names()).doesNotContain("transfer-encoding", "content-length");
            up.reply(200, "x", "x-http2-stream-id", "5", "x-ok", "1");
            ClientCall.Reply reply = call.reply();
            assertThat(reply.head().names()).contains("x-ok").doesNotContain("x-http2-stream-id");
            assertThat(reply.text()).isEqualTo("x");
        }
    }

    /** A small limit of the client on header lists is advice that would let it make replies fail (CVE-2026-50560). */
    @Test
    void limitOfTheClientOnHeaderListsIsIgnored() throws Exception {
        try (Rig rig = SecurityRig.start(Pair.H2_H1)) {
            H2Client client = rig.h2();
            client.wire.frame(H2Wire.SETTINGS, 0, 0, new byte[] {0, 6, 0, 0, 0, 1});
            ClientCall call = client.get("/");
            rig.take().reply(200, "x", "x-long", "y".repeat(200));
            ClientCall.Reply reply = call.reply();
            assertThat(reply.head().get("x-long")).hasSize(200);
            assertThat(reply.text()).isEqualTo("x");
        }
    }

    @Test
    void streamsBeyondTheLimitAreRefusedOneByOne() throws Exception {
        try (Rig rig = SecurityRig.start(Pair.H2_H1)) {
            H2Client client = rig.h2();
            client.wire.settled.get(5, TimeUnit.SECONDS);
            List<ClientCall> open = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                open.add(client.get("/" + i));
            }
            for (ClientCall refused : open.subList(100, 150)) {
                assertThatThrownBy(refused::head)
                        .isInstanceOfSatisfying(
                                Cut.class, cut -> assertThat(cut.code).isEqualTo(H2Wire.REFUSED_STREAM));
            }
            for (int i = 0; i < 100; i++) {
                rig.take().ok("x");
            }
            for (ClientCall served : open.subList(0, 100)) {
                assertThat(served.reply().text()).isEqualTo("x");
            }
            assertThat(rig.limits).hasSize(50).containsOnly(Limit.STREAMS);
            MuxBodiesTest.next(rig, client);
        }
    }
}
