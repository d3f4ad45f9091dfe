package io.headgate.samples;

import io.headgate.forward.Networks;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which exchanges a tap is for: what is given more than once may be any of them, and different options must all match. */
final class TapMatchOptions {

    @Option(names = "--method", paramLabel = "METHOD", description = "Requests with this method.")
    private List<String> methods = List.of();

    @Option(names = "--path", paramLabel = "PATH", description = "Requests with this path, without its query.")
    private List<String> paths = List.of();

    @Option(names = "--path-prefix", paramLabel = "PREFIX", description = "Requests whose path begins so.")
    private List<String> prefixes = List.of();

    @Option(names = "--authority", paramLabel = "HOST", description = "Requests to this authority.")
    private List<String> authorities = List.of();

    @Option(names = "--scheme", paramLabel = "SCHEME", description = "http or https.")
    private List<String> schemes = List.of();

    @Option(
            names = "--to",
            paramLabel = "ADDRESS",
            description = "Destinations: HOST:PORT, HOST, or a network such as 10.0.0.0/8.")
    private List<String> destinations = List.of();

    @Option(names = "--from", paramLabel = "ADDRESS", description = "Clients: likewise.")
    private List<String> sources = List.of();

    @Option(names = "--to-label", paramLabel = "KEY=VALUE", description = "Destinations with this label.")
    private Map<String, String> destinationLabels = Map.of();

    @Option(names = "--route-label", paramLabel = "KEY=VALUE", description = "Routes with this label.")
    private Map<String, String> routeLabels = Map.of();

    TapMatch match() {
        return UserMistake.ifRefused(() -> {
            List<TapMatch> all = new ArrayList<>();
            any(all, methods, TapMatch.Method::new);
            List<TapMatch> path = Stream.concat(
                            paths.stream().map(Text::exact), prefixes.stream().map(Text::prefix))
                    .<TapMatch>map(TapMatch.Path::new)
                    .toList();
            any(all, path, each -> each);
            any(all, authorities, text -> new TapMatch.Authority(Text.exact(text)));
            any(all, schemes, TapMatch.Scheme::new);
            any(all, destinations, TapMatchOptions::destination);
            any(all, sources, TapMatchOptions::source);
            destinationLabels.forEach((key, value) -> all.add(new TapMatch.DestinationLabel(key, value)));
            routeLabels.forEach((key, value) -> all.add(new TapMatch.RouteLabel(key, value)));
            return all.size() == 1 ? all.get(0) : new TapMatch.All(all);
        });
    }

    private static <T> void any(List<TapMatch> all, List<T> given, Function<T, TapMatch> match) {
        List<TapMatch> each = given.stream().map(match).toList();
        if (!each.isEmpty()) {
            all.add(each.size() == 1 ? each.get(0) : new TapMatch.Any(each));
        }
    }

    private static TapMatch destination(String text) {
        return place(text, TapMatch.DestinationNetwork::new, port -> new TapMatch.DestinationPorts(port, port));
    }

    private static TapMatch source(String text) {
        return place(text, TapMatch.SourceNetwork::new, port -> new TapMatch.SourcePorts(port, port));
    }

    private static TapMatch place(String text, Function<Networks, TapMatch> network, Function<Integer, TapMatch> port) {
        if (text.contains("/")) {
            return network.apply(Networks.of(text));
        }
        boolean hasPort = text.startsWith("[")
                ? text.contains("]:")
                : text.indexOf(':') == text.lastIndexOf(':') && text.contains(":");
        if (!hasPort) {
            return network.apply(addresses(text.replaceAll("^\\[|]$", "")));
        }
        ListenAddress address = ListenAddress.parse(text);
        return TapMatch.all(network.apply(addresses(address.host())), port.apply(address.port()));
    }

    /** The match language knows addresses only, so names are looked up here. */
    private static Networks addresses(String host) {
        try {
            return Networks.of(Stream.of(InetAddress.getAllByName(host))
                    .map(address -> address.getHostAddress().replaceFirst("%.*", ""))
                    .toArray(String[]::new));
        } catch (UnknownHostException e) {
            throw new UserMistake(
                    host + " (expected: an address, a host that resolves, or a network such as 10.0.0.0/8)", e);
        }
    }
}
