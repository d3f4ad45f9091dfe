package io.headgate.discovery.linkerd;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** What names on the wire may look like. */
final class WireNames {

    private static final int LONGEST_DNS_NAME = 253;
    private static final Pattern DNS_LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

    private WireNames() {}

    static boolean isDns(String name) {
        String labels = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (labels.isEmpty() || labels.length() > LONGEST_DNS_NAME) {
            return false;
        }
        for (String label : labels.split("\\.", -1)) {
            if (!DNS_LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }

    static boolean isUri(String name) {
        try {
            URI uri = new URI(name);
            return uri.isAbsolute() && uri.getRawSchemeSpecificPart().length() > 0;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
