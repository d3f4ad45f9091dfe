package io.headgate.sync.server;

import io.headgate.sync.internal.wire.SyncMessage;
import io.headgate.sync.internal.wire.SyncMessage.ClientHello;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a server makes of a hello. */
sealed interface Greeting {

    /** Of the text of a stranger. */
    int MOST_SHOWN = 64;

    /** Would spoil a line. */
    Pattern UNPRINTABLE = Pattern.compile("\\p{C}");

    /**
     * The client is served.
     *
     * @param type its topic
     * @param prefixes those of the keys that it gets, sorted, none covered by another; all keys when empty
     * @param snappy whether it gets snappy
     */
    record Welcome(String type, List<String> prefixes, boolean snappy) implements Greeting {}

    /**
     * The client is not served.
     *
     * @param end why
     * @param reason for people
     */
    record Refused(SyncEnd end, String reason) implements Greeting {}

    static Greeting of(ClientHello hello, SyncServerSettings settings, Collection<String> types) {
        String type = hello.syncerType().isEmpty() ? SyncServerSpec.FELIX : hello.syncerType();
        if (!types.contains(type)) {
            return new Refused(
                    SyncEnd.UNKNOWN_TYPE,
                    "syncer type: " + shown(type) + " (expected: one of " + new TreeSet<>(types) + ")");
        }
        if (settings.policyKeysRequired() && !hello.modernPolicyKeys()) {
            return new Refused(
                    SyncEnd.OLD_POLICY_KEYS, "modern policy keys: not supported (expected: a client that knows them)");
        }
        int named = hello.prefixes().size();
        if (named > settings.maxPrefixes()) {
            return new Refused(
                    SyncEnd.TOO_MANY_PREFIXES,
                    "prefixes: " + named + " (expected: at most " + settings.maxPrefixes() + ")");
        }
        boolean snappy = settings.compression()
                && hello.decoderRestart()
                && hello.compressions().contains(SyncMessage.SNAPPY);
        return new Welcome(type, needed(hello.prefixes()), snappy);
    }

    /** What a stranger has said, as it may stand in a log or in a message. */
    static String shown(String said) {
        String some = said.length() > MOST_SHOWN ? said.substring(0, MOST_SHOWN) + "..." : said;
        return UNPRINTABLE.matcher(some).replaceAll("?");
    }

    /** Sorted, a prefix comes right before what it covers. */
    private static List<String> needed(List<String> prefixes) {
        List<String> needed = new ArrayList<>();
        String last = null;
        for (String prefix : new TreeSet<>(prefixes)) {
            if (prefix.isEmpty()) {
                return List.of(); // covers everything
            }
            if (last == null || !prefix.startsWith(last)) {
                needed.add(prefix);
                last = prefix;
            }
        }
        return List.copyOf(needed);
    }
}
