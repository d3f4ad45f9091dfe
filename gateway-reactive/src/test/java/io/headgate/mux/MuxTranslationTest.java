package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.mux.ClientCall.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads on their way from one protocol to the other, byte for byte where that matters. */
class MuxTranslationTest {

    @Test
    void headOfHttp2BecomesOneOfHttp1() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H1, Path.FUSED)) {
            ClientCall call = rig.h2().get("/p?q", "x-a", "1", "cookie", "a=b", "te", "trailers", "cookie", "c=d");
            UpstreamCall up = rig.take();
            assertThat(up.request.raw)
                    .isEqualTo("GET /p?q HTTP/1.1\r\nhost: test.example\r\nx-a: 1\r\nte: trailers\r\n"
                            + "cookie: a=b; c=d\r\nconnection: te\r\n\r\n");
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @Test
    void headOfHttp1BecomesOneOfHttp2() throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H2, Path.FUSED)) {
            ClientCall call = rig.h1().get("/p?q", "X-A", "1", "Cookie", "a=b; c=d", "TE", "gzip, trailers;q=0.5");
            UpstreamCall up = rig.take();
            assertThat(up.request.fields)
                    .startsWith(
                            new Msg.Field(":method", "GET"),
                            new Msg.Field(":path", "/p?q"),
                            new Msg.Field(":scheme", "http"),
                            new Msg.Field(":authority", "test.example"))
                    .endsWith(
                            new Msg.Field("x-a", "1"),
                            new Msg.Field("cookie", "a=b"),
                            new Msg.Field("cookie", "c=d"),
                            new Msg.Field("te", "trailers"))
                    .hasSize(8);
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @Test
    void headOfAReplyOfHttp2BecomesOneOfHttp1() throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H2, Path.FUSED)) {
            ClientCall call = rig.h1().get("/");
            rig.take()
                    .head(404, false, "x-a", "1", "set-cookie", "a", "set-cookie", "b")
                    .end();
            Msg head = call.head();
            assertThat(head.raw)
                    .isEqualTo("HTTP/1.1 404 Not Found\r\nx-a: 1\r\nset-cookie: a\r\nset-cookie: b\r\n"
                            + "transfer-encoding: chunked\r\n\r\n");
            assertThat(call.body().rest().isClean()).isTrue();
        }
    }

    @Test
    void headOfAReplyOfHttp1BecomesOneOfHttp2() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H1, Path.FUSED)) {
            ClientCall call = rig.h2().get("/");
            ((H1Peer.Call) rig.take())
                    .raw("HTTP/1.1 404 Gone fishing\r\nX-A: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
                            + "Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                            + "Upgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                    .done();
            Reply reply = call.reply();
            assertThat(reply.head().fields)
                    .containsExactly(
                            new Msg.Field(":status", "404"),
                            new Msg.Field("x-a", "1"),
                            new Msg.Field("set-cookie", "a"),
                            new Msg.Field("set-cookie", "b"));
            assertThat(reply.content().isClean()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void fieldsOfOneConnectionStayOnIt(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            ClientCall call = client.get(
                    "/",
                    "Connection",
                    "keep-alive, X-Hop, x-hop2",
                    "X-Hop",
                    "1",
                    "x-Hop2",
                    "2",
                    "Keep-Alive",
                    "timeout=5",
                    "Proxy-Connection",
                    "keep-alive",
                    "Upgrade",
                    "websocket",
                    "HTTP2-Settings",
                    "AAMAAABkAAQAAP__",
                    "Proxy",
                    "http://evil",
                    "TE",
                    "gzip",
                    "X-Stays",
                    "1");
            UpstreamCall up = rig.take();
            assertThat(up.request.names().stream().map(String::toLowerCase))
                    .doesNotContain(
                            "connection",
                            "x-hop",
                            "x-hop2",
                            "keep-alive",
                            "proxy-connection",
                            "upgrade",
                            "te",
                            "http2-settings",
                            "proxy")
                    .contains("x-stays");
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#h1Fronts")
    void targetInAbsoluteFormIsTakenApart(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            H1Client client = rig.h1();
            for (String[] form : new String[][] {
                {"http://a.example:81", "/"}, {"http://a.example:81?x", "/?x"}, {"HTTP://a.example:81/p?q", "/p?q"}
            }) {
                client.wire.write("GET " + form[0] + " HTTP/1.1\r\nHost: A.example:81\r\n\r\n");
                UpstreamCall up = rig.take();
                assertThat(up.request.target()).isEqualTo(form[1]);
                assertThat(up.request.authority()).isEqualToIgnoringCase("a.example:81");
                up.ok("x");
                Msg head = client.wire.head();
                assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                        .isEqualTo("x");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET x HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /#f HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n folded: y\r\n\r\n",
                "GET / HTTP/1.1\nHost: a\n\n"
            })
    void malformedHeadIs400AndReachesNobody(String head) throws Exception {
        try (Rig rig = Rig.start(Pair.H1_H1, Path.FUSED)) {
            H1Client client = rig.h1();
            client.wire.write(head + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            Msg reply = client.wire.head();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.get("connection")).isEqualTo("close");
            assertThat(client.wire.body(reply, false, false, () -> {}).rest().isClean())
                    .isTrue();
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(rig.upstream.connections).hasValue(0);
            assertThat(rig.outcomes.await(1)).containsExactly(io.headgate.http.Outcome.REJECTED);
        }
    }

    @Test
    void malformedHeadOfHttp2IsResetAndReachesNobody() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H2, Path.FUSED)) {
            H2Client client = rig.h2();
            String[][] heads = {
                {":method", "GET", ":scheme", "http", ":path", "/"},
                {":method", "GET", ":scheme", "http", ":authority", "a"},
                {":method", "GET", ":path", "/", ":authority", "a"},
                {":scheme", "http", ":path", "/", ":authority", "a"},
                {":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "x", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/\t", ":authority", "a"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "u@a"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "host", "b"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "x", "y "},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "connection", "close"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "te", "gzip"},
                {":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a", "X-Up", "1"},
                {":method", "GET", ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"},
            };
            for (String[] head : heads) {
                H2Client.Call call = client.open(Msg.of(head), true);
                assertThat(call.stream.awaitReset()).as(String.join(" ", head)).isEqualTo(1);
            }
            assertThat(rig.upstream.connections).hasValue(0);
            MuxBodiesTest.next(rig, client);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void expectationThatNobodyKnowsIs417(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            assertThat(rig.client().get("/", "expect", "the unexpected").reply().status())
                    .isEqualTo(417);
            assertThat(rig.upstream.connections).hasValue(0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void tooManyFieldsAre431(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).settings(s -> s.maxFields(4)).start()) {
            assertThat(rig.client()
                            .get("/", "a", "1", "b", "1", "c", "1", "d", "1", "e", "1")
                            .reply()
                            .status())
                    .isEqualTo(431);
            assertThat(rig.upstream.connections).hasValue(0);
        }
    }

    /** A service may say the length itself; it must not be said twice. */
    @Test
    void headOfALocalReplyHasOneContentLength() throws Exception {
        for (Pair pair : new Pair[] {Pair.H1_H1, Pair.H2_H1}) {
            try (Rig rig = Rig.of(pair, Path.FUSED)
                    .service(r -> exchange -> reactor.core.publisher.Mono.just(io.headgate.http.HttpReply.of(
                            200,
                            io.headgate.http.Fields.of("content-length", "5"),
                            io.headgate.http.Body.utf8("hello"))))
                    .start()) {
                Reply reply = rig.client().call("HEAD", "/", false).reply();
                assertThat(reply.head().all("content-length")).containsExactly("5");
                assertThat(reply.content().isClean()).isTrue();
            }
        }
    }
}
