package io.headgate.discovery.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A small name server on loopback. */
final class NameServer implements AutoCloseable {

    private record Key(String name, DnsRecordType type) {}

    private record Records(long ttl, List<byte[]> data) {}

    private final Map<Key, Records> zone = new ConcurrentHashMap<>();
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final Channel channel;
    private volatile DnsResponseCode failure;
    private volatile int negativeTtl = -1;

    NameServer(EventLoop loop) throws InterruptedException {
        channel = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel opened) {
                        opened.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(), new DatagramDnsResponseEncoder(), new Answers());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** All questions so far, as "name TYPE". */
    List<String> questions() {
        return questions;
    }

    void addresses(String name, long ttl, String... addresses) {
        put(
                name,
                DnsRecordType.A,
                ttl,
                Stream.of(addresses)
                        .filter(a -> !a.contains(":"))
                        .map(NameServer::bytes)
                        .toList());
        put(
                name,
                DnsRecordType.AAAA,
                ttl,
                Stream.of(addresses)
                        .filter(a -> a.contains(":"))
                        .map(NameServer::bytes)
                        .toList());
    }

    void services(String name, long ttl, byte[]... records) {
        put(name, DnsRecordType.SRV, ttl, List.of(records));
    }

    static byte[] service(int priority, int weight, int port, String target) {
        ByteBuf data = Unpooled.buffer().writeShort(priority).writeShort(weight).writeShort(port);
        for (String label : target.split("\\.")) {
            data.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        byte[] bytes = new byte[data.writeByte(0).readableBytes()];
        data.readBytes(bytes);
        return bytes;
    }

    void forget(String name) {
        names.remove(name);
        zone.keySet().removeIf(key -> key.name.equals(name));
    }

    /** How long there will be nothing, as the SOA record says; without one unless set. */
    void negativeTtl(int seconds) {
        negativeTtl = seconds;
    }

    void fail(DnsResponseCode code) {
        failure = code;
    }

    private void put(String name, DnsRecordType type, long ttl, List<byte[]> data) {
        names.add(name);
        zone.put(new Key(name, type), new Records(ttl, data));
    }

    private static byte[] bytes(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    private final class Answers extends SimpleChannelInboundHandler<DatagramDnsQuery> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            String name = question.name().substring(0, question.name().length() - 1);
            questions.add(name + " " + question.type().name());
            DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            response.addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
            Records records = zone.get(new Key(name, question.type()));
            if (failure != null) {
                response.setCode(failure);
            } else if (records == null || records.data.isEmpty()) {
                response.setCode(names.contains(name) ? DnsResponseCode.NOERROR : DnsResponseCode.NXDOMAIN);
                startOfAuthority(response);
            } else {
                records.data.forEach(data -> response.addRecord(
                        DnsSection.ANSWER,
                        new DefaultDnsRawRecord(
                                question.name(), question.type(), records.ttl, Unpooled.wrappedBuffer(data))));
            }
            context.writeAndFlush(response);
        }

        private void startOfAuthority(DatagramDnsResponse response) {
            if (negativeTtl >= 0) {
                ByteBuf data =
                        Unpooled.buffer().writeZero(2 + 4 * Integer.BYTES).writeInt(negativeTtl);
                response.addRecord(
                        DnsSection.AUTHORITY, new DefaultDnsRawRecord("test.", DnsRecordType.SOA, 3600, data));
            }
        }
    }
}
