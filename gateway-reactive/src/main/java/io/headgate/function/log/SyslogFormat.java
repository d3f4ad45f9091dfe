package io.headgate.function.log;

import io.headgate.function.model.App;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Messages of RFC 5424:
 *
 * <pre>{@code
 * <14>1 2026-11-21T18:06:21.123Z host app instance output [fn@32473 app_id=".." fn_id=".." fn=".." image=".." call_id=".."] line
 * }</pre>
 */
final class SyslogFormat {

    private static final String INFO = "<14>1 "; // facility user, severity informational
    private static final String WARNING = "<12>1 ";

    /** The number is the one that is kept free for examples: there is none of our own, and readers go by the names. */
    private static final String ELEMENT = "[fn@32473";

    private static final int MOST_APP = 48;
    private static final int MOST_PROCESS = 128;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final String hostName;

    SyslogFormat(String hostName) {
        this.hostName = hostName;
    }

    byte[] message(SyslogLine line) {
        LineSink.Source source = line.source();
        StringBuilder message = head(INFO, line.millis(), source.app().name(), source.instanceId(), "output");
        message.append(ELEMENT);
        parameter(message, "app_id", source.app().id());
        parameter(message, "fn_id", source.fn().id());
        parameter(message, "fn", source.fn().name());
        parameter(message, "image", source.fn().image());
        if (line.callId() != null) {
            parameter(message, "call_id", line.callId());
        }
        return message.append("] ").append(line.text()).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Says that lines are missing. */
    byte[] notice(App app, long dropped, long millis) {
        StringBuilder message =
                head(WARNING, millis, app.name(), "-", "dropped").append(ELEMENT);
        parameter(message, "app_id", app.id());
        parameter(message, "dropped", Long.toString(dropped));
        return message.append("] ")
                .append(dropped)
                .append(" lines were dropped: the server was away or too slow")
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    private StringBuilder head(String priority, long millis, String app, String process, String kind) {
        return new StringBuilder(256)
                .append(priority)
                .append(TIME.format(Instant.ofEpochMilli(millis)))
                .append(' ')
                .append(hostName)
                .append(' ')
                .append(ascii(app, MOST_APP))
                .append(' ')
                .append(ascii(process, MOST_PROCESS))
                .append(' ')
                .append(kind)
                .append(' ');
    }

    /** What a field of the head may hold; the structured data has it all. */
    private static String ascii(String text, int most) {
        StringBuilder safe = new StringBuilder(Math.min(text.length(), most));
        for (int i = 0; i < text.length() && i < most; i++) {
            char c = text.charAt(i);
            safe.append(c > ' ' && c < 0x7F ? c : '?');
        }
        return safe.isEmpty() ? "-" : safe.toString();
    }

    private static void parameter(StringBuilder message, String name, String value) {
        message.append(' ').append(name).append("=\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\' || c == ']') {
                message.append('\\');
            }
            message.append(Character.isISOControl(c) ? '?' : c);
        }
        message.append('"');
    }
}
