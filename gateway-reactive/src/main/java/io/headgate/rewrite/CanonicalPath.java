package io.headgate.rewrite;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.mux.PathPolicy;
import io.headgate.mux.internal.PathRules;
import reactor.core.publisher.Mono;

/**
 * Gives each path its one canonical spelling (RFC 3986 section 6.2.2), once, so that everything below matches and forwards
 * the same text. Put it above all that looks at the path: a rule for {@code /admin} then cannot be passed by
 * {@code /x/../%61dmin}.
 *
 * <ul>
 *   <li>Unreserved characters that are percent-encoded are decoded, all others stay encoded with upper-case digits.
 *   <li>Segments {@code .} and {@code ..} are removed; a path that leaves its root is refused.
 *   <li>Repeated slashes stay, because they are different paths to the RFC; {@link #withMergedSlashes} makes one of them.
 *   <li>{@code %00} and backslashes are refused, and so are {@code %2F} and {@code %5C}, which some servers decode before
 *       they look for slashes; {@link #withEncodedSlashes} lets the latter two pass.
 *   <li>Parameters of segments ({@code /a;v=1/b}) stay. A dot segment with parameters ({@code /..;x/}) is refused: servers
 *       that take parameters off first would walk up on it.
 * </ul>
 *
 * <p>The query is not touched, and {@code OPTIONS *} passes. A path that is canonical already passes as the very same
 * exchange, and finding that out allocates nothing. Applying the stage twice changes nothing. Immutable.
 *
 * <p>The mux does the same with the paths of clients unless {@link PathPolicy} says otherwise. The stage is for other rules
 * than the mux has, for a part of the routes only, and for paths that another stage has made.
 *
 * <p><b>Errors.</b> {@link RefusedException}, 400.
 */
public final class CanonicalPath implements Stage<HttpExchange, HttpReply> {

    private final PathRules rules;

    private CanonicalPath(PathRules rules) {
        this.rules = rules;
    }

    /**
     * The stage as described: slashes are not merged, encoded ones refused.
     *
     * @return the stage
     */
    public static CanonicalPath create() {
        return new CanonicalPath(new PathRules(false, false));
    }

    /**
     * A copy that makes one slash of several.
     *
     * @return the copy
     */
    public CanonicalPath withMergedSlashes() {
        return new CanonicalPath(new PathRules(true, rules.keepsEncodedSlashes()));
    }

    /**
     * A copy that lets {@code %2F} and {@code %5C} pass, encoded as they are, for upstreams whose paths hold names that
     * have slashes in them.
     *
     * @return the copy
     */
    public CanonicalPath withEncodedSlashes() {
        return new CanonicalPath(new PathRules(rules.mergesSlashes(), true));
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("canonical-path", next) {
            @Override
            @SuppressWarnings("ReferenceEquality") // the same object says that there was nothing to do
            public Mono<HttpReply> call(HttpExchange exchange) {
                String target = exchange.head().target();
                String canonical;
                try {
                    canonical = rules.canonical(target);
                } catch (GatewayException e) {
                    return Mono.error(e);
                }
                return next.call(
                        canonical == target
                                ? exchange
                                : exchange.withHead(exchange.head().withTarget(canonical)));
            }
        };
    }
}
