package io.headgate.route;

/** Which of several routes that match an exchange is the one. */
public enum RouteOrder {
    /**
     * The most specific one: by host (one name, then names below the longest suffix, then any; with a port before without),
     * then by path, segment by segment from the left (text, then a parameter, then a rest, then a prefix that ends there,
     * then any path), then by method (few before many before all), then by the number of conditions, then the one that was
     * declared first.
     */
    MOST_SPECIFIC,
    /** The one that was declared first. */
    DECLARED
}
