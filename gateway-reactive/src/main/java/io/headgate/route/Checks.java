package io.headgate.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.headgate.forward.Client;
import io.headgate.forward.Networks;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestSyntax;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.util.function.Predicate;

/** Makes code of conditions; what is wrong with one is said then. */
final class Checks {

    private final Clock clock;

    Checks(Clock clock) {
        this.clock = clock;
    }

    Predicate<HttpExchange> of(Condition condition) {
        if (condition instanceof Condition.Header header) {
            return header(header);
        }
        if (condition instanceof Condition.Query query) {
            Predicate<CharSequence> value = value(query, query.value());
            return exchange -> QueryText.has(exchange.head().target(), query.name(), value);
        }
        if (condition instanceof Condition.Cookie cookie) {
            checkToken(cookie, cookie.name());
            Predicate<CharSequence> value = value(cookie, cookie.value());
            return exchange -> CookieText.has(exchange.head().fields(), cookie.name(), value);
        }
        if (condition instanceof Condition.ClientIn client) {
            return client(client);
        }
        if (condition instanceof Condition.During during) {
            return during(during);
        }
        if (condition instanceof Condition.Daily daily) {
            return daily(daily);
        }
        if (condition instanceof Condition.Not not) {
            return of(not.condition()).negate();
        }
        return ((Condition.Test) condition).test()::test;
    }

    private static Predicate<HttpExchange> header(Condition.Header header) {
        String name = header.name();
        checkToken(header, name);
        if (name.equalsIgnoreCase("host")) {
            throw bad(header, "the host of the route; host is no field");
        }
        Predicate<CharSequence> value = value(header, header.value());
        return exchange -> {
            Fields fields = exchange.head().fields();
            for (int at = fields.indexOf(name, 0); at >= 0; at = fields.indexOf(name, at + 1)) {
                if (value.test(fields.value(at))) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Predicate<HttpExchange> client(Condition.ClientIn client) {
        Networks networks = Networks.of(client.networks().toArray(new String[0]));
        if (networks.isEmpty()) {
            throw bad(client, "a network");
        }
        return exchange -> {
            InetAddress address = Client.of(exchange).address();
            return address != null && networks.contains(address);
        };
    }

    private Predicate<HttpExchange> during(Condition.During during) {
        if (!during.from().isBefore(during.until())) {
            throw bad(during, "an end after the beginning");
        }
        return exchange -> {
            Instant now = clock.instant();
            return !now.isBefore(during.from()) && now.isBefore(during.until());
        };
    }

    private Predicate<HttpExchange> daily(Condition.Daily daily) {
        LocalTime from = daily.from();
        LocalTime until = daily.until();
        if (from.equals(until)) {
            throw bad(daily, "an end other than the beginning");
        }
        boolean overnight = until.isBefore(from);
        return exchange -> {
            LocalTime now = LocalTime.ofInstant(clock.instant(), daily.zone());
            boolean begun = !now.isBefore(from);
            boolean over = !now.isBefore(until);
            return overnight ? begun || !over : begun && !over;
        };
    }

    private static Predicate<CharSequence> value(Condition of, ValueMatch match) {
        if (match instanceof ValueMatch.EqualTo equal) {
            return text -> AsciiString.contentEquals(text, equal.text());
        }
        if (match instanceof ValueMatch.Matching matching) {
            try {
                Pattern pattern = Pattern.compile(matching.pattern());
                return text -> pattern.matcher(text).matches();
            } catch (PatternSyntaxException e) {
                throw bad(of, "a pattern of RE2/J: " + e.getMessage());
            }
        }
        return text -> true;
    }

    private static void checkToken(Condition of, String name) {
        if (!RequestSyntax.isMethod(name)) { // a method is a token, too
            throw bad(of, "a token as name");
        }
    }

    private static IllegalArgumentException bad(Condition condition, String expected) {
        return new IllegalArgumentException(
                "condition: " + Texts.printable(condition.toString()) + " (expected: " + expected + ")");
    }

    /** Whether all that one condition lets through another does, too, as far as that is plain to see. */
    static boolean implies(Condition one, Condition other) {
        if (one.equals(other)) {
            return true;
        }
        if (one instanceof Condition.Header a && other instanceof Condition.Header b) {
            return a.name().equalsIgnoreCase(b.name()) && implies(a.value(), b.value());
        }
        if (one instanceof Condition.Query a && other instanceof Condition.Query b) {
            return a.name().equals(b.name()) && implies(a.value(), b.value());
        }
        if (one instanceof Condition.Cookie a && other instanceof Condition.Cookie b) {
            return a.name().equals(b.name()) && implies(a.value(), b.value());
        }
        return false;
    }

    private static boolean implies(ValueMatch one, ValueMatch other) {
        return one.equals(other) || other instanceof ValueMatch.Present;
    }
}
