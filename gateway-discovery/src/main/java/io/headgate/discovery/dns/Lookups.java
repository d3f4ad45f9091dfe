package io.headgate.discovery.dns;

import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Asks name servers what an endpoint name stands for. */
final class Lookups {

    /** An address with the port and the record by which it was found. */
    record Place(InetAddress address, Answer.Service service) {}

    /**
     * What a name stands for now.
     *
     * @param known whether there is such a name
     * @param ttl how many seconds that may be kept for; empty when no server says
     */
    record Places(boolean known, List<Place> places, OptionalLong ttl) {}

    private static final int AT_ONCE = 8;

    private final DnsNameResolver resolver;
    private final ResolvedAddressTypes types;

    Lookups(DnsNameResolver resolver, ResolvedAddressTypes types) {
        this.resolver = resolver;
        this.types = types;
    }

    /** The addresses of a host. */
    Mono<Places> host(String host, int port) {
        Answer.Service service = new Answer.Service(0, 0, port, host);
        return addresses(host).map(answer -> new Places(answer.known(), places(answer, service), answer.ttl()));
    }

    /** The addresses of all targets of a service. */
    Mono<Places> service(String name) {
        return ask(name, DnsRecordType.SRV)
                .flatMap(answer -> Flux.fromIterable(answer.services())
                        .map(Answer.Service::target)
                        .filter(target -> !target.equals(".")) // no such service, says RFC 2782
                        .distinct()
                        .flatMap(target -> addresses(target).map(found -> Map.entry(target, found)), AT_ONCE)
                        .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                        .map(found -> places(answer, found)));
    }

    private static Places places(Answer answer, Map<String, Answer> found) {
        List<Place> places = new ArrayList<>();
        for (Answer.Service service : answer.services()) {
            Answer addresses = found.get(service.target());
            if (addresses != null) {
                places.addAll(places(addresses, service));
            }
        }
        OptionalLong ttl = Stream.concat(Stream.of(answer), found.values().stream())
                .flatMapToLong(each -> each.ttl().stream())
                .min();
        return new Places(answer.known(), places, ttl);
    }

    private static List<Place> places(Answer answer, Answer.Service service) {
        return answer.addresses().stream()
                .sorted(Comparator.comparing(InetAddress::getHostAddress)) // servers turn them round
                .map(address -> new Place(address, service))
                .toList();
    }

    private Mono<Answer> addresses(String host) {
        return switch (types) {
            case IPV4_ONLY -> ask(host, DnsRecordType.A);
            case IPV6_ONLY -> ask(host, DnsRecordType.AAAA);
            case IPV4_PREFERRED -> preferred(ask(host, DnsRecordType.A), ask(host, DnsRecordType.AAAA));
            case IPV6_PREFERRED -> preferred(ask(host, DnsRecordType.AAAA), ask(host, DnsRecordType.A));
        };
    }

    /** The other kind of addresses counts only where there is none of the preferred kind. */
    private static Mono<Answer> preferred(Mono<Answer> preferred, Mono<Answer> other) {
        return preferred.flatMap(
                answer -> answer.addresses().isEmpty() ? other.map(second -> both(answer, second)) : Mono.just(answer));
    }

    private static Answer both(Answer none, Answer second) {
        OptionalLong ttl = Stream.of(none, second)
                .flatMapToLong(answer -> answer.ttl().stream())
                .min();
        return new Answer(none.known() && second.known(), second.addresses(), List.of(), ttl);
    }

    private Mono<Answer> ask(String name, DnsRecordType type) {
        return Mono.create(sink -> {
            DnsQuestion question = new DefaultDnsQuestion(name, type);
            resolver.query(question).addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> done) -> {
                if (!done.isSuccess()) {
                    sink.error(done.cause());
                    return;
                }
                AddressedEnvelope<DnsResponse, InetSocketAddress> response = done.getNow();
                try {
                    sink.success(Answer.of(question, response.content()));
                } catch (RuntimeException unusable) {
                    sink.error(unusable);
                } finally {
                    response.release();
                }
            });
        });
    }
}
