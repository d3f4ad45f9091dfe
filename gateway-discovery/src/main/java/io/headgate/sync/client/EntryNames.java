package io.headgate.sync.client;

import org.jspecify.annotations.Nullable;

/** Names as parts of keys: what would end a part is escaped, and nothing else. */
final class EntryNames {

    private EntryNames() {}

    static String escape(String name) {
        return name.replace("%", "%25").replace("/", "%2f");
    }

    /** The name, or null when no name is written like that. */
    static @Nullable String unescape(String part) {
        if (part.isEmpty() || part.indexOf('/') >= 0) {
            return null;
        }
        int escape = part.indexOf('%');
        if (escape < 0) {
            return part;
        }
        StringBuilder name = new StringBuilder(part.length());
        int from = 0;
        for (; escape >= 0; escape = part.indexOf('%', from)) {
            name.append(part, from, escape);
            if (part.startsWith("%25", escape)) {
                name.append('%');
            } else if (part.regionMatches(true, escape, "%2f", 0, 3)) {
                name.append('/');
            } else {
                return null;
            }
            from = escape + 3;
        }
        return name.append(part, from, part.length()).toString();
    }
}
