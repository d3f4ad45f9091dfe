package io.headgate.discovery.dns;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * What a name server says to one question.
 *
 * @param known whether there is such a name, with or without records of the type
 * @param addresses of records A and AAAA
 * @param services of records SRV
 * @param ttl how many seconds that may be kept for; empty when the server does not say
 */
record Answer(boolean known, List<InetAddress> addresses, List<Service> services, OptionalLong ttl) {

    /** One SRV record (RFC 2782). */
    record Service(int priority, int weight, int port, String target) {}

    /** Borrows the response. */
    static Answer of(DnsQuestion question, DnsResponse response) {
        boolean known = !response.code().equals(DnsResponseCode.NXDOMAIN);
        if (known && !response.code().equals(DnsResponseCode.NOERROR)) {
            throw new IllegalStateException(question.name() + " "
                    + question.type().name() + ": " + response.code() + " (expected: NOERROR or NXDOMAIN)");
        }
        List<InetAddress> addresses = new ArrayList<>();
        List<Service> services = new ArrayList<>();
        LongStream.Builder ttls = LongStream.builder();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            ttls.add(record.timeToLive());
            if (record.type().equals(question.type()) && record instanceof DnsRawRecord raw) {
                read(raw, addresses, services);
            }
        }
        boolean empty = addresses.isEmpty() && services.isEmpty();
        return new Answer(
                known,
                addresses,
                services,
                empty ? negativeTtl(response) : ttls.build().min());
    }

    private static void read(DnsRawRecord record, List<InetAddress> addresses, List<Service> services) {
        ByteBuf data = record.content().duplicate();
        if (record.type().equals(DnsRecordType.SRV)) {
            services.add(new Service(
                    data.readUnsignedShort(),
                    data.readUnsignedShort(),
                    data.readUnsignedShort(),
                    DefaultDnsRecordDecoder.decodeName(data)));
        } else {
            addresses.add(address(record, data));
        }
    }

    private static InetAddress address(DnsRawRecord record, ByteBuf data) {
        byte[] bytes = new byte[data.readableBytes()];
        data.readBytes(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException length) {
            throw new IllegalStateException(
                    record.name() + " " + record.type().name() + ": " + bytes.length + " bytes (expected: 4 or 16)");
        }
    }

    /** RFC 2308 section 5: the lesser of the TTL of the SOA record and its last field. */
    private static OptionalLong negativeTtl(DnsResponse response) {
        for (int i = 0; i < response.count(DnsSection.AUTHORITY); i++) {
            DnsRecord record = response.recordAt(DnsSection.AUTHORITY, i);
            if (record.type().equals(DnsRecordType.SOA)
                    && record instanceof DnsRawRecord raw
                    && raw.content().readableBytes() >= Integer.BYTES) {
                long minimum = raw.content().getUnsignedInt(raw.content().writerIndex() - Integer.BYTES);
                return OptionalLong.of(Math.min(minimum, record.timeToLive()));
            }
        }
        return OptionalLong.empty();
    }
}
