package io.headgate.admin.internal;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out. A page of any site can make the browser of a developer ask a server on the same machine, so being bound to
 * loopback is no protection by itself. There are two ways: a name of the attacker that leads to 127.0.0.1 (DNS rebinding), which the Host
 * field gives away, and a request from the page of another origin, which {@code Sec-Fetch-Site} or {@code Origin} give away.
 */
public final class Gatekeeper {

    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

    private final boolean anyHost;
    private final Set<String> hosts;

    /**
     * With a rule for Host.
     *
     * @param anyHost whether all are right; else names of this machine are
     * @param hosts others that are right, in lower case
     */
    public Gatekeeper(boolean anyHost, Set<String> hosts) {
        this.anyHost = anyHost;
        this.hosts = hosts;
    }

    void check(String method, HttpHeaders headers) {
        List<String> sent = headers.getAll(HttpHeaderNames.HOST);
        String authority = sent.size() == 1 ? sent.get(0).toLowerCase(Locale.ROOT) : "";
        if (authority.isEmpty()) {
            throw new Problem(400, "host: " + sent + " (expected: one)");
        }
        if (!anyHost && !isKnown(host(authority))) {
            throw new Problem(
                    421,
                    "host: " + authority + " (expected: localhost, a loopback address"
                            + (hosts.isEmpty() ? "" : " or one of " + hosts) + ")");
        }
        if (isForeign(headers, authority) && !isLink(method, headers)) {
            throw new Problem(403, "origin: another site (expected: this one, or no page of a browser)");
        }
    }

    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean port = colon > authority.lastIndexOf(']');
        return port ? authority.substring(0, colon) : authority;
    }

    private boolean isKnown(String host) {
        return host.equals("localhost") || hosts.contains(host) || isLoopback(host);
    }

    /** Whether a text is a loopback address; names are not looked up. */
    public static boolean isLoopback(String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        if (address == null) {
            return false;
        }
        if (address.length == 4) {
            return address[0] == 127;
        }
        for (int i = 0; i < 15; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[15] == 1;
    }

    private static boolean isForeign(HttpHeaders headers, String authority) {
        String site = headers.get("Sec-Fetch-Site");
        if (site != null) {
            return !OWN_SITE.contains(site);
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return origin != null && !isSame(origin.toLowerCase(Locale.ROOT), authority);
    }

    private static boolean isSame(String origin, @Nullable String authority) {
        return origin.equals("http://" + authority) || origin.equals("https://" + authority);
    }

    /** A link on another page may lead here: who follows it sees what it shows, and the page does not. */
    private static boolean isLink(String method, HttpHeaders headers) {
        return method.equals("GET")
                && "navigate".equals(headers.get("Sec-Fetch-Mode"))
                && "document".equals(headers.get("Sec-Fetch-Dest"));
    }
}
