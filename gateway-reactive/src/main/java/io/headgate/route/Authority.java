package io.headgate.route;

import io.headgate.http.RequestHead;

/** The parts of an authority, found without a copy. The head has checked its syntax. */
final class Authority {

    private Authority() {}

    /** Where the host ends, without the dot of a fully qualified name. */
    static int hostEnd(String authority) {
        int end = authority.length();
        if (authority.startsWith("[")) {
            return authority.indexOf(']') + 1;
        }
        int colon = authority.indexOf(':');
        end = colon < 0 ? end : colon;
        return end > 1 && authority.charAt(end - 1) == '.' ? end - 1 : end;
    }

    /** The port, which is that of the scheme when there is none. */
    static int port(RequestHead head) {
        String authority = head.authority();
        int colon = authority.indexOf(':', authority.startsWith("[") ? authority.indexOf(']') : 0);
        int port = 0;
        for (int i = colon + 1; colon >= 0 && i < authority.length(); i++) {
            port = port * 10 + authority.charAt(i) - '0';
        }
        return port > 0 ? port : head.scheme().equals("https") ? 443 : 80;
    }
}
