package io.headgate.origin;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/**
 * Lets pages of some origins only open WebSockets. Browsers send the cookies of a user with the handshake whichever page
 * asks for it, and no other rule stops them, so the server has to look at {@code Origin} (RFC 6455 section 10.2).
 *
 * <p>A page of the host that it connects to is always allowed; schemes are not compared for it, as TLS may end before the
 * gateway. Handshakes without an {@code Origin} come from no browser and pass. Other requests pass untouched. Immutable.
 *
 * <p><b>Errors.</b> {@link RefusedException}, 403.
 */
public final class AllowedOrigins implements Stage<HttpExchange, HttpReply> {

    private static final Pattern ORIGIN = Pattern.compile("https?://([^/?#@\\s]+)");
    private static final AllowedOrigins SAME = new AllowedOrigins(Set.of());

    private final Set<String> others;

    private AllowedOrigins(Set<String> others) {
        this.others = others;
    }

    /**
     * Allows pages of the very host that they connect to.
     *
     * @return the stage
     */
    public static AllowedOrigins same() {
        return SAME;
    }

    /**
     * A copy that allows more origins.
     *
     * @param origins as browsers write them, for example {@code https://app.example} or {@code http://localhost:3000}
     * @return the copy
     * @throws IllegalArgumentException when one is no origin; the message names it
     */
    public AllowedOrigins with(String... origins) {
        Set<String> more = new HashSet<>(others);
        for (String origin : origins) {
            String lower = origin.toLowerCase(Locale.ROOT);
            if (!ORIGIN.matcher(lower).matches()) {
                throw new IllegalArgumentException(
                        "origin: " + origin + " (expected: http or https, host and optional port, nothing more)");
            }
            more.add(lower);
        }
        return new AllowedOrigins(Set.copyOf(more));
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("allowed-origins", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                RequestHead head = exchange.head();
                return head.upgrade() == null || isAllowed(head)
                        ? next.call(exchange)
                        : Mono.error(new RefusedException(
                                403, "origin: " + head.fields().all("origin") + " (expected: an allowed one, once)"));
            }
        };
    }

    private boolean isAllowed(RequestHead head) {
        List<String> sent = head.fields().all("origin");
        if (sent.size() != 1) {
            return sent.isEmpty();
        }
        String origin = sent.get(0).toLowerCase(Locale.ROOT);
        return others.contains(origin) || isSame(origin, head.authority().toLowerCase(Locale.ROOT));
    }

    /** Browsers leave default ports out, and so do most of those who name the authority. */
    private static boolean isSame(String origin, String authority) {
        int scheme = origin.startsWith("https://") ? 8 : origin.startsWith("http://") ? 7 : -1;
        if (scheme < 0) {
            return false; // null, or no origin of a page
        }
        String port = scheme == 8 ? ":443" : ":80";
        String host = origin.substring(scheme);
        return host.equals(authority) || authority.equals(host + port);
    }
}
