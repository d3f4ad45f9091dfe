package io.headgate.rewrite;

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
            throw new RequestException(400, "path: " + path + " (expected: no question mark in an edited path)");
        }
        String target = path + head.target().substring(before.length());
        HeadRules.checkTarget(head.method(), target);
        return head.withTarget(target);
    }

    static RequestHead withAuthority(RequestHead head, String authority) {
        if (authority.equals(head.authority())) {
            return head;
        }
        HeadRules.checkAuthority(authority);
        return head.withAuthority(authority);
    }
}
