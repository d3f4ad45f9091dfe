package io.headgate.route;

import io.headgate.http.HttpExchange;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What must hold of an exchange besides its host, path and method. What is written here is checked when a table is built,
 * which names the route. Each takes time linear in what it looks at.
 */
public sealed interface Condition {

    /**
     * A header field; of several of one name one must match.
     *
     * @param name the name, in any case
     * @param value what it must be
     * @return the condition
     */
    static Condition header(String name, ValueMatch value) {
        return new Header(name, value);
    }

    /**
     * A query parameter; of several of one name one must match. Names and values are compared decoded, as forms encode them.
     *
     * @param name the name, decoded
     * @param value what it must be; a parameter without a value has an empty one
     * @return the condition
     */
    static Condition query(String name, ValueMatch value) {
        return new Query(name, value);
    }

    /**
     * A cookie; of several of one name one must match.
     *
     * @param name the name; case counts
     * @param value what it must be, without the quotes around it
     * @return the condition
     */
    static Condition cookie(String name, ValueMatch value) {
        return new Cookie(name, value);
    }

    /**
     * The client is in one of some networks. It is the client as {@code io.headgate.forward.Client} knows it: the peer of the
     * connection, or whom {@code Forwarded} found behind trusted proxies.
     *
     * @param networks such as {@code 10.0.0.0/8}, or addresses
     * @return the condition; does not hold when the client has no address
     */
    static Condition clientIn(String... networks) {
        return new ClientIn(List.of(networks));
    }

    /**
     * A span of time.
     *
     * @param from the first moment
     * @param until the first moment after it
     * @return the condition
     */
    static Condition during(Instant from, Instant until) {
        return new During(from, until);
    }

    /**
     * A time of day.
     *
     * @param from the first moment
     * @param until the first moment after it; one that is not later than {@code from} is one of the next day
     * @param zone where
     * @return the condition
     */
    static Condition daily(LocalTime from, LocalTime until, ZoneId zone) {
        return new Daily(from, until, zone);
    }

    /**
     * Whatever code says.
     *
     * @param name what it is about, for people
     * @param test pure, fast and not blocking; when it throws, so does the lookup
     * @return the condition, equal to others of the very same test
     */
    static Condition test(String name, Predicate<? super HttpExchange> test) {
        return new Test(name, test);
    }

    /**
     * The opposite.
     *
     * @param condition what must not hold
     * @return the condition
     */
    static Condition not(Condition condition) {
        return new Not(condition);
    }

    /**
     * A header field.
     *
     * @param name the name
     * @param value what it must be
     */
    record Header(String name, ValueMatch value) implements Condition {

        /** Checks that all is there. */
        public Header {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return "header " + name + " " + value;
        }
    }

    /**
     * A query parameter.
     *
     * @param name the name
     * @param value what it must be
     */
    record Query(String name, ValueMatch value) implements Condition {

        /** Checks that all is there. */
        public Query {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return "query parameter " + name + " " + value;
        }
    }

    /**
     * A cookie.
     *
     * @param name the name
     * @param value what it must be
     */
    record Cookie(String name, ValueMatch value) implements Condition {

        /** Checks that all is there. */
        public Cookie {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return "cookie " + name + " " + value;
        }
    }

    /**
     * A client in some networks.
     *
     * @param networks prefixes or addresses
     */
    record ClientIn(List<String> networks) implements Condition {

        /** Copies the list. */
        public ClientIn {
            networks = List.copyOf(networks);
        }

        @Override
        public String toString() {
            return "client in " + String.join(", ", networks);
        }
    }

    /**
     * A span of time.
     *
     * @param from the first moment
     * @param until the first moment after it
     */
    record During(Instant from, Instant until) implements Condition {

        /** Checks that all is there. */
        public During {
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(until, "until");
        }

        @Override
        public String toString() {
            return "time from " + from + " until " + until;
        }
    }

    /**
     * A time of day.
     *
     * @param from the first moment
     * @param until the first moment after it
     * @param zone where
     */
    record Daily(LocalTime from, LocalTime until, ZoneId zone) implements Condition {

        /** Checks that all is there. */
        public Daily {
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(until, "until");
            Objects.requireNonNull(zone, "zone");
        }

        @Override
        public String toString() {
            return "time from " + from + " until " + until + " in " + zone;
        }
    }

    /**
     * Whatever code says.
     *
     * @param name what it is about
     * @param test the code
     */
    record Test(String name, Predicate<? super HttpExchange> test) implements Condition {

        /** Checks that all is there. */
        public Test {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(test, "test");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * The opposite.
     *
     * @param condition what must not hold
     */
    record Not(Condition condition) implements Condition {

        /** Checks that it is there. */
        public Not {
            Objects.requireNonNull(condition, "condition");
        }

        @Override
        public String toString() {
            return "not: " + condition;
        }
    }
}
