package io.headgate.forward;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/** Exchanges of a peer with some address, and what becomes of them below a stage. */
public final class From {

    private From() {}

    public static HttpExchange peer(String address, String... fields) {
        return peer(address, RequestHead.of("GET", "shop.example", "/").withFields(Fields.of(fields)));
    }

    public static HttpExchange peer(String address, RequestHead head) {
        return at(
                new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(address), 4711),
                head,
                HttpVersion.HTTP_1_1);
    }

    public static HttpExchange at(SocketAddress address, RequestHead head, HttpVersion version) {
        ConnectionInfo connection = new ConnectionInfo() {
            @Override
            public SocketAddress remoteAddress() {
                return address;
            }

            @Override
            public SocketAddress localAddress() {
                return null;
            }

            @Override
            public HttpVersion version() {
                return version;
            }

            @Override
            public boolean isSecure() {
                return false;
            }
        };
        return new HttpExchange(head, Body.empty(), connection, Deadline.NONE, Attributes.EMPTY, interim -> {});
    }

    /** What the next service is called with; an error of the stage is thrown. */
    public static HttpExchange below(Stage<HttpExchange, HttpReply> stage, HttpExchange exchange) {
        AtomicReference<HttpExchange> seen = new AtomicReference<>();
        Service<HttpExchange, HttpReply> next = called -> {
            seen.set(called);
            return Mono.just(HttpReply.of(204));
        };
        stage.wrap(next).call(exchange).block();
        return seen.get();
    }
}
