package io.headgate.discovery;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads documents of endpoints, and says exactly where one is wrong. */
final class DocumentParser extends JsonReader {

    private static final Set<String> ENDPOINT = Set.of("address", "protocol", "tls", "authority", "weight", "labels");
    private static final Set<String> TLS = Set.of("identity", "serverName");

    DocumentParser(String source) {
        super(source);
    }

    Map<String, List<Endpoint>> parse(byte[] json) {
        JsonNode root = tree(json);
        fields("", root, Set.of("endpoints"));
        JsonNode names = root.get("endpoints");
        if (names == null || !names.isObject()) {
            throw wrong("endpoints", names, "an object of names");
        }
        Map<String, List<Endpoint>> parsed = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> name : names.properties()) {
            parsed.put(name.getKey(), endpoints("endpoints." + name.getKey(), name.getValue()));
        }
        return parsed;
    }

    /** A list without a name around it. */
    List<Endpoint> parseList(byte[] json) {
        return endpoints("endpoints", tree(json));
    }

    private List<Endpoint> endpoints(String at, JsonNode list) {
        if (!list.isArray()) {
            throw wrong(at, list, "a list of endpoints");
        }
        List<Endpoint> endpoints = new ArrayList<>(list.size());
        Set<InetSocketAddress> addresses = new HashSet<>();
        for (JsonNode node : list.values()) {
            String here = at + "[" + endpoints.size() + "]";
            Endpoint endpoint = endpoint(here, node);
            if (!addresses.add(endpoint.address())) {
                throw wrong(here, node, "an address that is not in the list yet");
            }
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    private Endpoint endpoint(String at, JsonNode node) {
        if (node.isString()) {
            return address(at, node);
        }
        fields(at, node, ENDPOINT);
        Endpoint endpoint = address(at + ".address", node.get("address"));
        JsonNode authority = node.get("authority");
        JsonNode weight = node.get("weight");
        return new Endpoint(
                endpoint.address(),
                protocol(at + ".protocol", node.get("protocol")),
                tls(at + ".tls", node.get("tls")),
                authority == null ? null : text(at + ".authority", authority, "host and optional port"),
                weight == null ? Endpoint.NORMAL_WEIGHT : weight(at + ".weight", weight),
                labels(at + ".labels", node.get("labels")));
    }

    private Endpoint address(String at, @Nullable JsonNode node) {
        String expected = "host:port or [address]:port";
        String text = text(at, node, expected);
        int colon = text.lastIndexOf(':');
        String host = colon < 1 ? "" : text.substring(0, colon);
        if (host.isEmpty() || host.indexOf(':') >= 0 && !host.startsWith("[")) {
            throw wrong(at, node, expected);
        }
        try {
            return Endpoint.of(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException outOfRange) { // NumberFormatException, too
            throw wrong(at, node, expected);
        }
    }

    private Protocol protocol(String at, @Nullable JsonNode node) {
        if (node == null) {
            return Protocol.HTTP_1;
        }
        String expected = "\"http/1.1\" or \"http/2\"";
        return switch (text(at, node, expected)) {
            case "http/1.1" -> Protocol.HTTP_1;
            case "http/2" -> Protocol.HTTP_2;
            default -> throw wrong(at, node, expected);
        };
    }

    private @Nullable TlsName tls(String at, @Nullable JsonNode node) {
        if (node == null) {
            return null;
        } else if (node.isString()) {
            return TlsName.dns(text(at, node, "a DNS name"));
        }
        fields(at, node, TLS);
        return new TlsName(
                text(at + ".identity", node.get("identity"), "a DNS name or a URI"),
                text(at + ".serverName", node.get("serverName"), "a DNS name"));
    }

    private int weight(String at, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
            throw wrong(at, node, "a whole number, 0 or more");
        }
        return node.intValue();
    }

    private Map<String, String> labels(String at, @Nullable JsonNode node) {
        if (node == null) {
            return Map.of();
        } else if (!node.isObject()) {
            throw wrong(at, node, "an object of texts");
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> label : node.properties()) {
            if (!label.getValue().isString()) {
                throw wrong(at + "." + label.getKey(), label.getValue(), "a text");
            }
            labels.put(label.getKey(), label.getValue().stringValue());
        }
        return labels;
    }
}
