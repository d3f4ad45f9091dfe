package io.headgate.rewrite;

import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;

/** Puts edited parts into heads, after a check: they may be made of what a client sent. */
final class Heads {

    private Heads() {}

    static RequestHead withPath(RequestHead head, String path) {
        String before = head.path();
        if (path.equals(before)) {
            return head;
        }
        if (path.indexOf('?') >= 0) {
            throw new RefusedException(
                    400, "path: edited to one with a question mark (expected: a path without a query)");
        }
        String target = path + head.target().substring(before.length());
        check(() -> HeadRules.checkTarget(head.method(), target));
        return head.withTarget(target);
    }

    static RequestHead withAuthority(RequestHead head, String authority) {
        if (authority.equals(head.authority())) {
            return head;
        }
        checkAuthority(authority);
        return head.withAuthority(authority);
    }

    static void checkAuthority(String authority) {
        check(() -> HeadRules.checkAuthority(authority));
    }

    /** A part that a stage made is the refusal of a stage. */
    private static void check(Runnable rule) {
        try {
            rule.run();
        } catch (RequestException e) {
            throw new RefusedException(400, String.valueOf(e.getMessage()));
        }
    }
}
