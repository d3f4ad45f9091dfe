package io.headgate.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates conditions of requests, and says for people why one does not hold. */
final class RequestMatching {

    private RequestMatching() {}

    static boolean test(RequestMatch condition, String method, String path) {
        if (condition instanceof RequestMatch.Path wanted) {
            return wanted.pattern().matches(path);
        } else if (condition instanceof RequestMatch.Method wanted) {
            return wanted.method().equals(method);
        } else if (condition instanceof RequestMatch.Not not) {
            return !test(not.part(), method, path);
        } else if (condition instanceof RequestMatch.All all) {
            return test(all.parts(), true, method, path);
        }
        return test(((RequestMatch.Any) condition).parts(), false, method, path);
    }

    private static boolean test(List<RequestMatch> parts, boolean all, String method, String path) {
        for (int i = 0; i < parts.size(); i++) { // no iterator
            if (test(parts.get(i), method, path) != all) {
                return !all;
            }
        }
        return all;
    }

    /** Why a condition does not hold, or null when it does. */
    static @Nullable String whyNot(RequestMatch condition, String method, String path) {
        if (test(condition, method, path)) {
            return null;
        }
        if (condition instanceof RequestMatch.Path wanted) {
            return "path " + path + " does not match " + wanted.pattern();
        } else if (condition instanceof RequestMatch.Method wanted) {
            return "method " + method + " is not " + wanted.method();
        } else if (condition instanceof RequestMatch.Not not) {
            return "it matches " + describe(not.part()) + ", which it must not";
        } else if (condition instanceof RequestMatch.All all) {
            return whyNotAll(all.parts(), method, path);
        }
        return whyNotAny(((RequestMatch.Any) condition).parts(), method, path);
    }

    private static @Nullable String whyNotAll(List<RequestMatch> parts, String method, String path) {
        for (RequestMatch part : parts) {
            String reason = whyNot(part, method, path);
            if (reason != null) {
                return reason;
            }
        }
        return null;
    }

    private static String whyNotAny(List<RequestMatch> parts, String method, String path) {
        if (parts.isEmpty()) {
            return "any of nothing matches nothing";
        }
        StringBuilder reasons = new StringBuilder();
        for (RequestMatch part : parts) {
            reasons.append(reasons.isEmpty() ? "" : " and ").append(whyNot(part, method, path));
        }
        return reasons.toString();
    }

    /** A condition for people. */
    static String describe(RequestMatch condition) {
        if (condition instanceof RequestMatch.Path wanted) {
            return "path " + wanted.pattern();
        } else if (condition instanceof RequestMatch.Method wanted) {
            return "method " + wanted.method();
        } else if (condition instanceof RequestMatch.Not not) {
            return "not " + describe(not.part());
        }
        List<String> parts =
                condition.children().stream().map(RequestMatching::describe).toList();
        return (condition instanceof RequestMatch.All ? "all of " : "any of ") + parts;
    }
}
