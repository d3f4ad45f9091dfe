package io.headgate.tap;

import io.headgate.http.HttpExchange;
import io.headgate.profile.RouteLabels;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A match made flat: a list of tests, each of which says where to go on when it holds and when it does not. All, any and not
 * are nothing but where to go. Asking allocates nothing and takes no more steps than there are tests.
 */
final class MatchProgram {

    private static final int ACCEPT = -1;
    private static final int REJECT = -2;

    /** One question about an exchange. */
    private interface Test {
        boolean holds(TapSite site, HttpExchange exchange);
    }

    private final Test[] tests;
    private final int[] whenTrue;
    private final int[] whenFalse;
    private final int start;

    private MatchProgram(Builder made, int start) {
        tests = made.tests.toArray(Test[]::new);
        whenTrue = made.whenTrue.stream().mapToInt(Integer::intValue).toArray();
        whenFalse = made.whenFalse.stream().mapToInt(Integer::intValue).toArray();
        this.start = start;
    }

    static MatchProgram of(TapMatch match) {
        Builder builder = new Builder();
        return new MatchProgram(builder, builder.add(match, ACCEPT, REJECT));
    }

    boolean matches(TapSite site, HttpExchange exchange) {
        int at = start;
        while (at >= 0) {
            at = tests[at].holds(site, exchange) ? whenTrue[at] : whenFalse[at];
        }
        return at == ACCEPT;
    }

    /** Builds from the end to the beginning, so that it is known where to go on. */
    private static final class Builder {

        private final List<Test> tests = new ArrayList<>();
        private final List<Integer> whenTrue = new ArrayList<>();
        private final List<Integer> whenFalse = new ArrayList<>();

        /** Adds a match; returns where it starts. */
        int add(TapMatch match, int yes, int no) {
            if (match instanceof TapMatch.Not not) {
                return add(not.match(), no, yes);
            }
            if (match instanceof TapMatch.All all) {
                int start = yes;
                for (int i = all.matches().size() - 1; i >= 0; i--) {
                    start = add(all.matches().get(i), start, no);
                }
                return start;
            }
            if (match instanceof TapMatch.Any any) {
                int start = no;
                for (int i = any.matches().size() - 1; i >= 0; i--) {
                    start = add(any.matches().get(i), yes, start);
                }
                return start;
            }
            tests.add(test(match));
            whenTrue.add(yes);
            whenFalse.add(no);
            return tests.size() - 1;
        }
    }

    private static Test test(TapMatch match) {
        if (match instanceof TapMatch.SourceNetwork source) {
            return (site, exchange) ->
                    source.networks().contains(exchange.connection().remoteAddress());
        }
        if (match instanceof TapMatch.SourcePorts source) {
            return (site, exchange) -> isIn(source.min(), source.max(), TapSite.source(exchange.connection()));
        }
        if (match instanceof TapMatch.DestinationNetwork destination) {
            return (site, exchange) -> destination.networks().contains(site.destination());
        }
        if (match instanceof TapMatch.DestinationPorts destination) {
            return (site, exchange) -> isIn(destination.min(), destination.max(), site.destination());
        }
        if (match instanceof TapMatch.DestinationLabel label) {
            return (site, exchange) -> label.value().equals(site.labels().get(label.key()));
        }
        if (match instanceof TapMatch.RouteLabel label) {
            return (site, exchange) ->
                    label.value().equals(RouteLabels.of(exchange).raw().get(label.key()));
        }
        return ofHead(match);
    }

    private static Test ofHead(TapMatch match) {
        if (match instanceof TapMatch.Scheme scheme) {
            return (site, exchange) -> exchange.head().scheme().equals(scheme.scheme());
        }
        if (match instanceof TapMatch.Method method) {
            return (site, exchange) -> exchange.head().method().equals(method.method());
        }
        if (match instanceof TapMatch.Authority authority) {
            return (site, exchange) -> {
                String text = exchange.head().authority();
                return isLike(authority.text(), text, text.length());
            };
        }
        if (match instanceof TapMatch.Path path) {
            return (site, exchange) -> {
                String target = exchange.head().target();
                int query = target.indexOf('?');
                return isLike(path.text(), target, query < 0 ? target.length() : query);
            };
        }
        throw new IllegalArgumentException("match: " + match + " (expected: one of the forms of TapMatch)");
    }

    /** Compares the beginning of a text, of some length, without making a copy of it. */
    private static boolean isLike(TapMatch.Text wanted, String text, int length) {
        int wantedLength = wanted.text().length();
        return (wanted.isPrefix() ? wantedLength <= length : wantedLength == length) && text.startsWith(wanted.text());
    }

    private static boolean isIn(int min, int max, @Nullable InetSocketAddress address) {
        return address != null && min <= address.getPort() && address.getPort() <= max;
    }
}
