package io.headgate.samples.tap;

import io.headgate.tap.TapEvent.RequestInit;
import java.util.Map;
import java.util.regex.Pattern;

/** What a request is counted under: the label of its route, else its method and path, else its authority. */
final class RouteNames {

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Pattern UUID =
            Pattern.compile("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern HEX = Pattern.compile("(?i)(?=.*[0-9])[0-9a-f]{8,}");
    private static final Pattern TOKEN = Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}");
    private static final String ID = ":id";

    private RouteNames() {}

    static String of(RequestInit request) {
        Map<String, String> labels = request.peers().routeLabels();
        if (!labels.isEmpty()) {
            String route = labels.get("route");
            return route == null ? joined(labels) : route;
        }
        String path = request.path();
        return path.startsWith("/")
                ? request.method() + " " + collapsed(path)
                : request.method() + " " + request.authority();
    }

    private static String joined(Map<String, String> labels) {
        StringBuilder joined = new StringBuilder();
        labels.forEach((key, value) -> joined.append(joined.isEmpty() ? "" : ",")
                .append(key)
                .append('=')
                .append(value));
        return joined.toString();
    }

    private static String collapsed(String path) {
        StringBuilder collapsed = new StringBuilder(path.length());
        for (String segment : path.substring(1).split("/", -1)) {
            collapsed.append('/').append(isId(segment) ? ID : segment);
        }
        return collapsed.toString();
    }

    private static boolean isId(String segment) {
        return NUMBER.matcher(segment).matches()
                || UUID.matcher(segment).matches()
                || HEX.matcher(segment).matches()
                || TOKEN.matcher(segment).matches();
    }
}
