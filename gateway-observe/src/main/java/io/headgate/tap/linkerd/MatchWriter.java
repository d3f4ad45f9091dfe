package io.headgate.tap.linkerd;

import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Match;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Match.Http.StringMatch;
import java.util.List;
import java.util.stream.Stream;

/** Writes a match as the wire spells it. All can be written; what the wire has no form for becomes another that matches the same. */
final class MatchWriter {

    private static final Match NOTHING =
            Match.newBuilder().setAny(Match.Seq.getDefaultInstance()).build();

    private MatchWriter() {}

    static Match encode(TapMatch match) {
        if (match instanceof TapMatch.All all) {
            return Match.newBuilder()
                    .setAll(sequence(all.matches().stream().map(MatchWriter::encode)))
                    .build();
        } else if (match instanceof TapMatch.Any any) {
            return any(any.matches().stream().map(MatchWriter::encode).toList());
        } else if (match instanceof TapMatch.Not not) {
            return Match.newBuilder().setNot(encode(not.match())).build();
        } else if (match instanceof TapMatch.DestinationLabel label) {
            return Match.newBuilder()
                    .setDestinationLabel(label(label.key(), label.value()))
                    .build();
        } else if (match instanceof TapMatch.RouteLabel label) {
            return Match.newBuilder()
                    .setRouteLabel(label(label.key(), label.value()))
                    .build();
        }
        return isOfAddress(match)
                ? ofAddress(match)
                : Match.newBuilder().setHttp(http(match)).build();
    }

    private static boolean isOfAddress(TapMatch match) {
        return match instanceof TapMatch.SourceNetwork
                || match instanceof TapMatch.SourcePorts
                || match instanceof TapMatch.DestinationNetwork
                || match instanceof TapMatch.DestinationPorts;
    }

    private static Match ofAddress(TapMatch match) {
        if (match instanceof TapMatch.SourceNetwork source) {
            return any(WireNetworks.encode(source.networks()).stream()
                    .map(mask ->
                            Match.newBuilder().setSource(WireNetworks.tcp(mask)).build())
                    .toList());
        } else if (match instanceof TapMatch.DestinationNetwork destination) {
            return any(WireNetworks.encode(destination.networks()).stream()
                    .map(mask -> Match.newBuilder()
                            .setDestination(WireNetworks.tcp(mask))
                            .build())
                    .toList());
        } else if (match instanceof TapMatch.SourcePorts source) {
            return source.max() == 0
                    ? NOTHING
                    : Match.newBuilder()
                            .setSource(ports(source.min(), source.max()))
                            .build();
        }
        TapMatch.DestinationPorts destination = (TapMatch.DestinationPorts) match;
        return destination.max() == 0
                ? NOTHING
                : Match.newBuilder()
                        .setDestination(ports(destination.min(), destination.max()))
                        .build();
    }

    /** Nobody has port 0, which stands for no bound on the wire. */
    private static Match.Tcp ports(int min, int max) {
        return Match.Tcp.newBuilder()
                .setPorts(Match.Tcp.PortRange.newBuilder()
                        .setMin(Math.max(min, 1))
                        .setMax(max))
                .build();
    }

    private static Match.Http http(TapMatch match) {
        Match.Http.Builder http = Match.Http.newBuilder();
        if (match instanceof TapMatch.Scheme scheme) {
            http.setScheme(WireNames.scheme(scheme.scheme()));
        } else if (match instanceof TapMatch.Method method) {
            http.setMethod(WireNames.method(method.method()));
        } else if (match instanceof TapMatch.Authority authority) {
            http.setAuthority(text(authority.text()));
        } else {
            http.setPath(text(((TapMatch.Path) match).text()));
        }
        return http.build();
    }

    private static StringMatch text(Text text) {
        return text.isPrefix()
                ? StringMatch.newBuilder().setPrefix(text.text()).build()
                : StringMatch.newBuilder().setExact(text.text()).build();
    }

    private static Match.Label label(String key, String value) {
        return Match.Label.newBuilder().setKey(key).setValue(value).build();
    }

    private static Match any(List<Match> matches) {
        return matches.size() == 1
                ? matches.get(0)
                : Match.newBuilder().setAny(sequence(matches.stream())).build();
    }

    private static Match.Seq sequence(Stream<Match> matches) {
        return Match.Seq.newBuilder().addAllMatches(matches.toList()).build();
    }
}
