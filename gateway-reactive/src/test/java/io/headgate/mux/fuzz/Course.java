package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import io.headgate.http.Fields;
import io.headgate.http.Outcome;
import io.headgate.http.RequestHead;
import io.headgate.mux.internal.WebSockets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** How a run of a client connection goes on: what happens between segments, what upstreams answer, and what must be true. */
final class Course {

    private static final byte[][] REPLIES = {
        Text.latin1("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"),
        Text.latin1("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx-t: 1\r\n\r\n"),
        Text.latin1("HTTP/1.1 204 No Content\r\n\r\n"),
        Text.latin1("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        Text.latin1("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        Text.latin1("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"),
        Text.latin1("HTTP/1.0 200 OK\r\n\r\nuntil close"),
        Text.latin1("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"),
        Text.latin1("HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabc"),
        Text.latin1("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
        Text.latin1("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        Text.latin1("\r\n\0"),
        Text.latin1("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + "x".repeat(1000)),
    };

    private static final String KEY = "sec-websocket-key: ";

    private final Bench bench;
    private final ScriptedService service;

    Course(Bench bench, ScriptedService service) {
        this.bench = bench;
        this.service = service;
    }

    /** One decision about what happens next. */
    void step() {
        bench.turn();
        for (int i = 0; i < bench.upstreams.size(); i++) {
            if (bench.upstreams.get(i).hasNews()) {
                bench.upstreams.get(i).arrive(reply(bench.upstreams.get(i)));
            }
        }
        bench.turn();
        switch (bench.script.next() & 15) {
            case 1 -> bench.advance(300);
            case 2 -> service.release();
            case 3 -> bench.firstWire().writable(false);
            case 4 -> bench.firstWire().writable(true);
            case 5 -> bench.advance(3_000);
            case 6 -> bench.firstWire().end();
            case 7 -> bench.upstreams.forEach(Wire::end);
            case 8 -> bench.advance(31_000);
            case 9 -> bench.upstreams.forEach(wire -> wire.writable(false));
            case 10 -> bench.upstreams.forEach(wire -> wire.writable(true));
            default -> {}
        }
        bench.turn();
    }

    private byte[] reply(Wire wire) {
        int choice = bench.script.next() % (REPLIES.length + 1);
        if (choice < REPLIES.length) {
            return REPLIES[choice];
        }
        String sent = new String(wire.written(), StandardCharsets.ISO_8859_1);
        int key = sent.lastIndexOf(KEY);
        String accept = key < 0 ? "" : WebSockets.accept(sent.substring(key + KEY.length(), sent.indexOf('\r', key)));
        return Text.latin1("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                + "sec-websocket-accept: " + accept + "\r\n\r\nframes");
    }

    /** Lets things come to rest, and closes. */
    void end() {
        for (int i = 0; i < 4; i++) {
            step();
            service.release();
        }
        bench.firstWire().writable(true);
        bench.turn();
        bench.end();
    }

    // ---- what must be true

    /** What upstreams got is what the service saw, request by request. */
    void checkUpstreams() {
        int sent = 0;
        for (Wire wire : bench.upstreams) {
            StrictHttp1 reader = new StrictHttp1(wire.written());
            while (reader.hasMore()) {
                StrictHttp1.Message request = reader.request();
                sent++;
                if (request.whole()) {
                    ensure(
                            service.forwarded.stream().anyMatch(head -> isSame(request, head)),
                            "request that no service saw",
                            request);
                    if (!request.all("upgrade").isEmpty()) {
                        break; // what follows may be no HTTP
                    }
                } else {
                    ensure(!reader.hasMore(), "rest of a request", request);
                }
            }
        }
        ensure(sent <= service.forwarded.size() * Bench.SETTINGS.maxAttempts(), "requests upstream", sent);
    }

    private static boolean isSame(StrictHttp1.Message request, RequestHead head) {
        return request.start().equals(head.method() + " " + head.target() + " HTTP/1.1")
                && request.all("host").equals(List.of(head.authority()))
                && hasFieldsOf(request, head.fields(), head.upgrade() != null);
    }

    private static boolean hasFieldsOf(StrictHttp1.Message request, Fields fields, boolean upgrades) {
        for (int i = 0; i < request.names().size(); i++) {
            String value = request.values().get(i);
            boolean known = switch (request.names().get(i)) {
                case "host", "transfer-encoding", "content-length" -> true;
                case "connection" -> value.equals(upgrades ? "upgrade" : "te");
                case "upgrade" -> upgrades && value.equals("websocket");
                case "sec-websocket-key" ->
                    upgrades || fields.all("sec-websocket-key").contains(value);
                case "cookie" -> cookies(fields).equals(value);
                default -> fields.all(request.names().get(i)).contains(value);
            };
            if (!known) {
                return false;
            }
        }
        return true;
    }

    private static String cookies(Fields fields) {
        return fields.all("cookie").stream().filter(crumb -> !crumb.isEmpty()).collect(Collectors.joining("; "));
    }

    /** The client reads replies, one for each request at most, in order, each whole but the last. */
    void checkReplies() {
        StrictHttp1 reader = new StrictHttp1(bench.firstWire().written());
        int replies = 0;
        while (reader.hasMore()) {
            ensure(replies < bench.seen.size(), "replies without a request", replies);
            Bench.Seen of = bench.seen.get(replies);
            StrictHttp1.Message reply = reader.reply(of.exchange.head().method().equals("HEAD"));
            if (!reply.whole()) {
                ensure(of.ends.get(0) != Outcome.COMPLETE, "reply that is cut short", reply);
                ensure(!reader.hasMore(), "rest of a reply", reply);
            } else if (reply.status() == 101) {
                ensure(of.exchange.head().upgrade() != null, "upgrade that was not asked for", reply);
                return; // what follows is no HTTP
            } else if (reply.status() >= 200) {
                replies++;
            }
        }
        for (int i = replies; i < bench.seen.size(); i++) {
            ensure(bench.seen.get(i).ends.get(0) != Outcome.COMPLETE, "reply missing", bench.seen.get(i).exchange);
        }
    }
}
