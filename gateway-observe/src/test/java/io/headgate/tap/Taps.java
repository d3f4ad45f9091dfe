package io.headgate.tap;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/** What the tests of the tap have in common. */
final class Taps {

    static final TapRequest EVERYTHING = TapRequest.of(1_000, TapMatch.EVERYTHING);

    private Taps() {}

    /** A tap that calls observers at once, with a clock of its own. */
    static Tap direct(AtomicLong clock) {
        return direct(clock, 0);
    }

    static Tap direct(AtomicLong clock, long random) {
        return Tap.create(10, Schedulers.immediate(), clock::get, () -> random);
    }

    static HttpExchange exchange(RequestHead head, Body body, @Nullable SocketAddress source, @Nullable TlsInfo tls) {
        return new HttpExchange(
                head, body, new Connection(source, tls), Deadline.NONE, Attributes.EMPTY, interim -> {});
    }

    static HttpExchange from(String address, int port) {
        return exchange(
                new RequestHead("GET", "http", "example.org", "/", Fields.empty()),
                Body.empty(),
                new InetSocketAddress(address, port),
                null);
    }

    private record Connection(
            @Nullable SocketAddress remoteAddress, @Nullable TlsInfo tls) implements ConnectionInfo {

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.HTTP_1_1;
        }

        @Override
        public boolean isSecure() {
            return tls != null;
        }
    }
}
