package io.headgate.forward;

import io.headgate.http.Fields;
import io.headgate.http.HttpVersion;
import io.headgate.http.RefusedException;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the fields of the edited head. All that it is given was found valid before, or is checked here. */
final class FieldWriter {

    private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
    private static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
    private static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
    private static final AsciiString HOST = AsciiString.cached("x-forwarded-host");
    private static final AsciiString PORT = AsciiString.cached("x-forwarded-port");
    private static final AsciiString VIA = AsciiString.cached("via");

    private final CharSequence[] entries;
    private int size;

    FieldWriter(CharSequence[] entries) {
        this.entries = entries;
    }

    void add(CharSequence name, CharSequence value) {
        entries[size * 2] = name;
        entries[size * 2 + 1] = value;
        size++;
    }

    Fields fields() {
        return Fields.ofValidated(entries, size);
    }

    void forwarded(List<Hop> hops, boolean sameForm, String peer, String authority, String scheme) {
        check(authority);
        StringBuilder value = new StringBuilder(64);
        for (Hop hop : hops) {
            if (sameForm) {
                value.append(hop.text());
            } else {
                value.append("for=");
                Hop.appendNode(value, hop.node());
            }
            value.append(", ");
        }
        value.append("for=");
        Hop.appendNode(value, peer);
        boolean token = authority.chars().allMatch(c -> ForwardedSyntax.isToken((char) c));
        value.append(token ? ";host=" : ";host=\"").append(authority).append(token ? ";proto=" : "\";proto=");
        add(FORWARDED, value.append(scheme).toString());
    }

    void xForwarded(List<Hop> hops, boolean sameForm, String peer, String scheme, String host, @Nullable String port) {
        check(host);
        if (hops.isEmpty()) {
            add(FOR, peer);
        } else {
            StringBuilder chain = new StringBuilder(64);
            for (Hop hop : hops) {
                chain.append(sameForm ? hop.text() : hop.node()).append(", ");
            }
            add(FOR, chain.append(peer).toString());
        }
        add(PROTO, scheme);
        add(HOST, host);
        add(PORT, port == null ? port(host, scheme) : port);
    }

    /** The mux has looked at it, but an exchange may have been made in this process. */
    private static void check(String authority) {
        try {
            HeadRules.checkAuthority(authority);
        } catch (RequestException e) {
            throw new RefusedException(400, String.valueOf(e.getMessage()));
        }
    }

    private static String port(String host, String scheme) {
        int colon = host.lastIndexOf(':');
        if (colon > host.lastIndexOf(']') && colon < host.length() - 1) {
            return host.substring(colon + 1);
        }
        return scheme.equals("https") ? "443" : "80";
    }

    void via(HttpVersion version, String pseudonym) {
        String received = switch (version) {
            case HTTP_1_0 -> "1.0 ";
            case HTTP_1_1 -> "1.1 ";
            case HTTP_2 -> "2.0 ";
        };
        add(VIA, received + pseudonym);
    }
}
