package io.headgate.accesslog;

import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Exchanges that are over, made by hand: at a known time, with a reply after 1.5 ms and an end after 12.345 ms. */
final class Records {

    /** 2023-11-14T22:13:20.123Z. */
    static final long START = 1_700_000_000_123L;

    static final ConnectionInfo H1 = connection(HttpVersion.HTTP_1_1, null);
    static final RequestHead GET = new RequestHead(
            "GET",
            "http",
            "shop.example",
            "/a?b=c",
            Fields.of("referer", "http://r.example/", "user-agent", "probe/1"));

    private Records() {}

    static ConnectionInfo connection(HttpVersion version, @Nullable TlsInfo tls) {
        return new ConnectionInfo() {
            @Override
            public SocketAddress remoteAddress() {
                return InetSocketAddress.createUnresolved("192.0.2.7", 4711);
            }

            @Override
            public SocketAddress localAddress() {
                return InetSocketAddress.createUnresolved("192.0.2.1", 80);
            }

            @Override
            public HttpVersion version() {
                return version;
            }

            @Override
            public boolean isSecure() {
                return tls != null;
            }

            @Override
            public @Nullable TlsInfo tls() {
                return tls;
            }
        };
    }

    static HttpExchange exchange(RequestHead head, ConnectionInfo connection) {
        HttpExchange plain = HttpExchange.of(head, Body.empty());
        return new HttpExchange(
                head, plain.body(), connection, plain.deadline(), ExchangeNotes.attributes(), plain.interim());
    }

    static ExchangeRecord get(String target) {
        return of(GET.withTarget(target));
    }

    static ExchangeRecord of(RequestHead head) {
        return of(exchange(head, H1), new ReplyHead(200, Fields.empty()), 5, Outcome.COMPLETE, null);
    }

    static ExchangeRecord of(
            HttpExchange exchange, @Nullable ReplyHead reply, int bytes, Outcome outcome, @Nullable Throwable cause) {
        AtomicReference<ExchangeRecord> ended = new AtomicReference<>();
        play(exchange, reply, bytes, outcome, cause, ended::set);
        return ended.get();
    }

    private static void play(
            HttpExchange exchange,
            @Nullable ReplyHead reply,
            int bytes,
            Outcome outcome,
            @Nullable Throwable cause,
            Consumer<ExchangeRecord> consumer) {
        AtomicLong nanos = new AtomicLong();
        ExchangeRecord record = (ExchangeRecord)
                ExchangeRecord.to(consumer, nanos::get, () -> START).observe(exchange);
        record.onRequestEnd();
        if (reply != null) {
            nanos.set(1_500_000);
            record.onReplyHead(reply);
            if (bytes > 0) {
                record.onReplyData(bytes);
            }
        }
        nanos.set(12_345_678);
        record.onEnd(outcome, cause);
    }
}
