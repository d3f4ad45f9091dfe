package io.headgate.samples.bench;

import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import io.netty.channel.epoll.Epoll;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Who can be compared. */
final class Contenders {

    private static final List<Contender> ALL = all();

    private Contenders() {}

    private static List<Contender> all() {
        List<Contender> all = new ArrayList<>();
        all.add(new HeadgateContender("Headgate", HeadgateWire.DIALECT));
        all.add(new HeadgateContender("Headgate 2017", ZreplWire.DIALECT));
        if (Epoll.isAvailable()) {
            all.add(new NettyContender("Netty epoll", EnumSet.allOf(Link.class), Sockets.best()));
            all.add(NettyContender.fitted("Netty epoll fitted", Sockets.best()));
            all.add(new NettyContender("Netty NIO", EnumSet.of(Link.TCP, Link.UNIX), Sockets.nio()));
        } else {
            all.add(new NettyContender("Netty NIO", EnumSet.allOf(Link.class), Sockets.nio()));
        }
        all.add(new NioContender());
        all.add(new RSocketContender());
        all.add(new GrpcContender(1));
        all.add(new GrpcContender(8));
        return List.copyOf(all);
    }

    static List<String> keys() {
        return ALL.stream().map(Contenders::key).toList();
    }

    /** The name as an option: {@code grpc-java-1-mib}. */
    static String key(Contender contender) {
        return contender.name().toLowerCase(Locale.ROOT).replace(' ', '-');
    }

    static Contender of(String key) {
        return ALL.stream()
                .filter(one -> key(one).equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "contender: " + key + " (expected: one of " + String.join(", ", keys()) + ")"));
    }
}
