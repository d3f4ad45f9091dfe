package io.headgate.concurrency;

import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;

/** How much a call matters when there are too many. */
public enum Priority {
    /** Never shed, but counted. For what must work when all else does not: health checks, an emergency stop. */
    EXEMPT(Double.POSITIVE_INFINITY),
    /** Shed last: somebody waits for it and cannot ask again. */
    HIGH(1),
    /** Most calls. */
    NORMAL(0.9),
    /** Shed first: nobody waits, or it can be done later. */
    LOW(0.6);

    private final double share;

    Priority(double share) {
        this.share = share;
    }

    /** With how many calls under way one of this priority is still let in; one at least, so that nothing starves. */
    int room(int limit) {
        return (int) Math.max(1, Math.min(Math.ceil(limit * share), Integer.MAX_VALUE));
    }

    /**
     * The standard choice: health checks are exempt, all else is normal. A health check is a GET or HEAD of
     * {@code /health}, {@code /healthz}, {@code /livez} or {@code /readyz}, or a call of {@code grpc.health.v1.Health}.
     * Whoever lets strangers ask for those puts a rate limit above, or chooses by who asks.
     *
     * @param exchange the exchange
     * @return its priority
     */
    public static Priority standard(HttpExchange exchange) {
        RequestHead head = exchange.head();
        return switch (head.method()) {
            case "GET", "HEAD" ->
                switch (head.target()) {
                    case "/health", "/healthz", "/livez", "/readyz" -> EXEMPT;
                    default -> NORMAL;
                };
            case "POST" -> head.target().startsWith("/grpc.health.v1.Health/") && head.isGrpc() ? EXEMPT : NORMAL;
            default -> NORMAL;
        };
    }
}
