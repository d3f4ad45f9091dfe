package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The security catalogue of HTTP/1.1 clients: each row sends its bytes over a raw socket and looks at the answer, at the
 * upstream, and at what the next client gets.
 */
class SecurityH1Test {

    private static final String HOST = "Host: a.example\r\n";

    /** An attack, and the status that answers it. */
    record Row(String name, String bytes, int status, Limit limit) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class Table {

        private final List<Row> rows = new ArrayList<>();

        Table raw(String name, String bytes, int status, Limit limit) {
            rows.add(new Row(name, bytes, status, limit));
            return this;
        }

        /** A field or more of a POST. */
        Table post(String name, String fields, int status, Limit limit) {
            return raw(name, "POST / HTTP/1.1\r\n" + HOST + fields + "\r\n\r\n0\r\n\r\n", status, limit);
        }

        Table line(String name, String line, int status, Limit limit) {
            return raw(name, line + "\r\n" + HOST + "\r\n", status, limit);
        }

        /** A chunked body. */
        Table body(String name, String body) {
            return raw(
                    name,
                    "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + body,
                    400,
                    Limit.SYNTAX);
        }
    }

    static Stream<Row> framing() {
        return new Table()
                        .post("CL.TE", "Content-Length: 5\r\nTransfer-Encoding: chunked", 400, null)
                        .post("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 5", 400, null)
                        .post("TE xchunked", "Transfer-Encoding: xchunked", 400, null)
                        .post("TE identity", "Transfer-Encoding: identity", 400, null)
                        .post("TE gzip, chunked", "Transfer-Encoding: gzip, chunked", 400, Limit.FRAMING)
                        .post("TE chunked, identity", "Transfer-Encoding: chunked, identity", 400, null)
                        .post("TE chunked, chunked", "Transfer-Encoding: chunked, chunked", 400, null)
                        .post("TE with a parameter", "Transfer-Encoding: chunked;a=b", 400, null)
                        .post("TE in two lines", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", 400, null)
                        .post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400, null)
                        .post("TE with a vertical tab", "Transfer-Encoding: \u000bchunked", 400, null)
                        .post("TE folded", "Transfer-Encoding:\r\n chunked", 400, null)
                        .post("space before the colon", "Transfer-Encoding : chunked", 400, Limit.SYNTAX)
                        .raw(
                                "TE in HTTP/1.0",
                                "POST / HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                400,
                                null)
                        .post("CL twice", "Content-Length: 5\r\nContent-Length: 5", 400, null)
                        .post("CL twice, differing", "Content-Length: 5\r\nContent-Length: 6", 400, null)
                        .post("CL list", "Content-Length: 5, 5", 400, null)
                        .post("CL signed", "Content-Length: +5", 400, null)
                        .post("CL negative", "Content-Length: -5", 400, null)
                        .post("CL hexadecimal", "Content-Length: 0x5", 400, null)
                        .post("CL too large", "Content-Length: 99999999999999999999", 400, null)
                        .post("CL empty", "Content-Length:", 400, null)
                        .post("CL with a space within", "Content-Length: 5 5", 400, null)
                        .post("Expect that is not known", "Content-Length: 1\r\nExpect: foo", 417, Limit.EXPECTATION)
                        .post(
                                "Expect obfuscated",
                                "Content-Length: 1\r\nExpect: 100-continue, x",
                                417,
                                Limit.EXPECTATION)
                        .rows
                        .stream();
    }

    static Stream<Row> bodies() {
        return new Table()
                        .body("chunk size 0x", "0x5\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size with a sign", "+5\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size with a leading space", " 5\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size that overflows", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size negative", "-1\r\nhello\r\n0\r\n\r\n")
                        .body("chunk size missing", "\r\nhello\r\n0\r\n\r\n")
                        .body("chunk line with a bare LF", "5\nhello\r\n0\r\n\r\n")
                        .body("chunk without its line end", "5\r\nhelloX0\r\n\r\n")
                        .body("chunk extension with a LF", "5;a\nb\r\nhello\r\n0\r\n\r\n")
                        .body("chunk extension with a CR", "5;a\rb\r\nhello\r\n0\r\n\r\n")
                        .body("chunk extension with a quoted CRLF", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n")
                        .body("chunk extension with a control character", "5;a=\u0001\r\nhello\r\n0\r\n\r\n")
                        .body("chunk extension without end", "5;" + "a".repeat(40_000))
                        .rows
                        .stream();
    }

    static Stream<Row> lines() {
        return new Table()
                        .raw("bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400, Limit.SYNTAX)
                        .raw("bare CR in a field", "GET / HTTP/1.1\r\nHost: a\r\nb: c\rd\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("NUL in a field", "GET / HTTP/1.1\r\nHost: a\r\nb: c\0d\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("DEL in a field", "GET / HTTP/1.1\r\nHost: a\r\nb: c\u007fd\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("folded field", "GET / HTTP/1.1\r\nHost: a\r\nb: c\r\n d\r\n\r\n", 400, Limit.SYNTAX)
                        .raw(
                                "field folded with a tab",
                                "GET / HTTP/1.1\r\nHost: a\r\nb: c\r\n\td\r\n\r\n",
                                400,
                                Limit.SYNTAX)
                        .raw("first field with a space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("field without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("field without a colon", "GET / HTTP/1.1\r\nHost: a\r\nb\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nb(c: d\r\n\r\n", 400, Limit.SYNTAX)
                        .raw("NUL before the request line", "\0GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, null)
                        .raw(
                                "control character before the request line",
                                "\u0001GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                400,
                                null)
                        .raw("space before the request line", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, null)
                        .line("method that is no token", "GE(T / HTTP/1.1", 400, null)
                        .line("method TRACE", "TRACE / HTTP/1.1", 405, Limit.METHOD)
                        .line("method CONNECT", "CONNECT a.example:443 HTTP/1.1", 501, Limit.METHOD)
                        .line("two spaces in the request line", "GET  / HTTP/1.1", 400, null)
                        .line("tab in the request line", "GET\t/\tHTTP/1.1", 400, null)
                        .line("space in the target", "GET /a b HTTP/1.1", 400, null)
                        .line("version in lower case", "GET / http/1.1", 400, null)
                        .line("version 2.0", "GET / HTTP/2.0", 505, Limit.VERSION)
                        .line("version 9.9", "GET / HTTP/9.9", 505, Limit.VERSION)
                        .line("version 0.9", "GET /", 400, null)
                        .line("version with junk", "GET / HTTP/1.1x", 400, null)
                        .line(
                                "request line too long",
                                "GET /" + "a".repeat(9000) + " HTTP/1.1",
                                414,
                                Limit.REQUEST_LINE)
                        .raw(
                                "head too large",
                                "GET / HTTP/1.1\r\n" + HOST + "a: " + "b".repeat(40_000),
                                431,
                                Limit.HEAD_BYTES)
                        .raw(
                                "too many fields",
                                "GET / HTTP/1.1\r\n" + HOST + "a: b\r\n".repeat(200) + "\r\n",
                                431,
                                null)
                        .rows
                        .stream();
    }

    static Stream<Row> targets() {
        return new Table()
                        .line("no slash", "GET x HTTP/1.1", 400, Limit.TARGET)
                        .line("user information as target", "GET @evil/ HTTP/1.1", 400, Limit.TARGET)
                        .line("asterisk with GET", "GET * HTTP/1.1", 400, Limit.TARGET)
                        .line("scheme ftp", "GET ftp://a.example/ HTTP/1.1", 400, Limit.TARGET)
                        .line("fragment", "GET /#a HTTP/1.1", 400, Limit.TARGET)
                        .line("broken escape", "GET /%zz HTTP/1.1", 400, Limit.TARGET)
                        .line("angle brackets", "GET /<a> HTTP/1.1", 400, Limit.TARGET)
                        .line("quote", "GET /\"a HTTP/1.1", 400, Limit.TARGET)
                        .line("control character", "GET /\u0001 HTTP/1.1", 400, null)
                        .line("backslash", "GET /a\\b HTTP/1.1", 400, Limit.PATH)
                        .line("escaped NUL", "GET /a%00 HTTP/1.1", 400, Limit.PATH)
                        .line("escaped slash", "GET /a%2fb HTTP/1.1", 400, Limit.PATH)
                        .line("escaped backslash", "GET /a%5Cb HTTP/1.1", 400, Limit.PATH)
                        .line("above the root", "GET /../etc/passwd HTTP/1.1", 400, Limit.PATH)
                        .line("above the root, escaped", "GET /a/%2e%2E/.%2e/x HTTP/1.1", 400, Limit.PATH)
                        .raw("no Host", "GET / HTTP/1.1\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw("Host with user information", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, Limit.AUTHORITY)
                        .raw(
                                "Host with a port too high",
                                "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
                                400,
                                Limit.AUTHORITY)
                        .raw("Host with letters as port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, Limit.AUTHORITY)
                        .line("absolute form at odds with Host", "GET http://b.example/ HTTP/1.1", 400, Limit.AUTHORITY)
                        .line(
                                "user information in absolute form",
                                "GET http://u@a.example/ HTTP/1.1",
                                400,
                                Limit.AUTHORITY)
                        .rows
                        .stream();
    }

    static Stream<Row> nominations() {
        return Stream.of(
                        "Host",
                        "Content-Length",
                        "Authorization",
                        "Cookie",
                        "X-Forwarded-For",
                        "Forwarded",
                        "X-Real-IP")
                .map(name -> new Row(
                        "Connection nominates " + name,
                        "GET / HTTP/1.1\r\n" + HOST + "Connection: close, " + name + "\r\n\r\n",
                        400,
                        Limit.NOMINATION));
    }

    @ParameterizedTest
    @MethodSource({"framing", "bodies", "lines", "targets", "nominations"})
    void isRefusedAndGoesNoFurther(Row row) throws Exception {
        for (Pair pair : List.of(Pair.H1_H1, Pair.H1_H2)) {
            try (Rig rig = SecurityRig.start(pair)) {
                H1Client attacker = rig.h1();
                attacker.wire.write(row.bytes + "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n");
                Msg answer = attacker.wire.head();
                assertThat(answer.status()).as("%s", answer).isEqualTo(row.status);
                assertThat(answer.get("connection")).isEqualTo("close");
                assertThat(attacker.wire
                                .body(answer, false, false, () -> {})
                                .rest()
                                .isClean())
                        .isTrue();
                assertThat(attacker.wire.awaitClose()).isTrue();
                SecurityRig.assertHarmless(rig);
                if (row.limit != null) {
                    assertThat(rig.limits).contains(row.limit);
                }
            }
        }
    }

    /** Tells what passes, and in which form. */
    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H1_H1", "H1_H2"})
    void whatPassesIsRegeneratedNotCopied(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            H1Client client = rig.h1();
            client.wire.write("POST http://a.example/a/./%7euser/../b//c;d?e=%2f..%5c&f=\\ HTTP/1.1\r\n" + HOST
                    + "Content-Length: 005\r\nConnection: x-one, te\r\nX-One: 1\r\nTE: trailers\r\nProxy: evil\r\n"
                    + "Transfer_Encoding: chunked\r\nX_Forwarded_For: 1.2.3.4\r\nmy_field: kept\r\n"
                    + "x-http2-scheme: evil\r\nX-HTTP2-Path: evil\r\nUpgrade: foo\r\nHTTP2-Settings: AAAA\r\n"
                    + "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\nhello");
            UpstreamCall up = rig.take();
            assertThat(up.request.target()).isEqualTo("/a/b//c;d?e=%2f..%5c&f=\\");
            assertThat(up.request.authority()).isEqualTo("a.example");
            assertThat(up.request.all("content-length")).containsExactly("5");
            assertThat(up.request.get("te")).isEqualTo("trailers");
            assertThat(up.request.get("my_field")).isEqualTo("kept");
            assertThat(up.request.names().stream().map(name -> name.toLowerCase(java.util.Locale.ROOT)))
                    .doesNotContain(
                            "x-one",
                            "proxy",
                            "transfer_encoding",
                            "x_forwarded_for",
                            "x-http2-scheme",
                            "x-http2-path",
                            "upgrade",
                            "http2-settings",
                            "sec-websocket-key1");
            assertThat(up.body().rest().text()).isEqualTo("hello");
            up.ok("x");
            Msg head = client.wire.head();
            assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                    .isEqualTo("x");
            MuxBodiesTest.next(rig, client);
        }
    }

    @Test
    void upgradeToHttp2IsNotTaken() throws Exception {
        try (Rig rig = SecurityRig.start(Pair.H1_H1)) {
            H1Client client = rig.h1();
            client.wire.write(
                    "GET / HTTP/1.1\r\n" + HOST
                            + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
            UpstreamCall up = rig.take();
            assertThat(up.request.names()).noneMatch(name -> name.equalsIgnoreCase("upgrade"));
            assertThat(up.request.names()).noneMatch(name -> name.equalsIgnoreCase("http2-settings"));
            assertThat(up.request.names()).noneMatch(name -> name.equalsIgnoreCase("connection"));
            up.ok("as HTTP/1.1");
            Msg head = client.wire.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                    .isEqualTo("as HTTP/1.1");
        }
    }

    @Test
    void underscoresCanAllBeDropped() throws Exception {
        try (Rig rig = Rig.of(Pair.H1_H1, Path.FUSED)
                .settings(s -> s.dropUnderscores(true))
                .start()) {
            ClientCall call = rig.client().get("/", "my_field", "1", "my-field", "2");
            UpstreamCall up = rig.take();
            assertThat(up.request.get("my_field")).isNull();
            assertThat(up.request.get("my-field")).isEqualTo("2");
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @Test
    void pathsCanPassAsSent() throws Exception {
        for (PathPolicy policy : List.of(PathPolicy.AS_SENT, PathPolicy.CANONICAL_ESCAPED_SLASH)) {
            try (Rig rig = Rig.of(Pair.H1_H1, Path.FUSED)
                    .settings(s -> s.paths(policy))
                    .start()) {
                ClientCall call = rig.client().get("/a%2fb/%7e/./c");
                UpstreamCall up = rig.take();
                assertThat(up.request.target())
                        .isEqualTo(policy == PathPolicy.AS_SENT ? "/a%2fb/%7e/./c" : "/a%2Fb/~/c");
                up.ok("x");
                assertThat(call.reply().text()).isEqualTo("x");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pair.class,
            names = {"H1_H1", "H1_H2"})
    void trailersThatFrameRouteOrAuthenticateAreDropped(Pair pair) throws Exception {
        try (Rig rig = SecurityRig.start(pair)) {
            ClientCall call = rig.client().post("/").send("x");
            call.end(
                    "content-length",
                    "1",
                    "host",
                    "evil",
                    "authorization",
                    "evil",
                    "x-forwarded-for",
                    "evil",
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

    /** The rest of a request that was answered early is not taken for the next one (CL.0). */
    @Test
    void bodyThatNobodyReadsIsNoNextRequest() throws Exception {
        try (Rig rig = Rig.of(Pair.H1_H1, Path.FUSED)
                .service(rig0 -> exchange -> reactor.core.publisher.Mono.just(
                        io.headgate.http.HttpReply.text(200, exchange.head().target())))
                .start()) {
            String inner = "GET /inner HTTP/1.1\r\n" + HOST + "\r\n";
            H1Client client = rig.h1();
            client.wire.write("POST /outer HTTP/1.1\r\n" + HOST + "Content-Length: " + inner.length() + "\r\n\r\n"
                    + inner + "GET /after HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
            Msg first = client.wire.head();
            assertThat(client.wire.body(first, false, false, () -> {}).rest().text())
                    .isEqualTo("/outer");
            Msg second = client.wire.head();
            if (second != null) {
                assertThat(client.wire
                                .body(second, false, false, () -> {})
                                .rest()
                                .text())
                        .isEqualTo("/after");
            }
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(rig.outcomes.exchanges)
                    .noneMatch(seen -> seen.exchange.head().target().equals("/inner"));
            assertThat(rig.outcomes.await(second == null ? 1 : 2)).containsOnly(Outcome.COMPLETE);
        }
    }

    /** Answers stay in order, and a client that is far ahead is no longer read. */
    @Test
    void pipelinedRequestsWaitInOrder() throws Exception {
        try (Rig rig = SecurityRig.start(Pair.H1_H1)) {
            H1Client client = rig.h1();
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                many.append("GET /")
                        .append(i)
                        .append(" HTTP/1.1\r\n")
                        .append(HOST)
                        .append("\r\n");
            }
            rig.upstream.answer(call -> call.ok(call.request.target()));
            client.wire.write(many.toString());
            for (int i = 0; i < 200; i++) {
                Msg head = client.wire.head();
                assertThat(client.wire.body(head, false, false, () -> {}).rest().text())
                        .isEqualTo("/" + i);
            }
            assertThat(rig.upstream.connections).hasValueLessThan(3);
        }
    }
}
