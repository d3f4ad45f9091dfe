package io.headgate.accesslog;

import io.headgate.http.ExchangeRecord;
import java.time.ZoneId;

/**
 * Makes the lines of an access log.
 *
 * <p>The ones given here write no more than 2,048 characters of any value, and mark a cut by three dots. Whatever a format
 * appends, the log itself replaces control characters and ends of lines by question marks: no client can forge a line.
 *
 * <p><b>Threading.</b> One exchange after the other, on one thread at a time; never on an event loop.
 */
@FunctionalInterface
public interface AccessFormat {

    /**
     * Appends the line of an exchange.
     *
     * @param exchange the exchange, which is over
     * @param line empty; without an end of line
     */
    void format(ExchangeRecord exchange, StringBuilder line);

    /**
     * Appends a line that tells of dropped ones.
     *
     * @param lines how many since it was told last
     * @param line empty
     */
    default void formatDropped(long lines, StringBuilder line) {
        line.append("# ").append(lines).append(" lines dropped");
    }

    /**
     * An object of JSON for each exchange.
     *
     * @return the format, with all its {@linkplain JsonFormat fields}
     */
    static JsonFormat json() {
        return JsonFormat.STANDARD;
    }

    /**
     * The Common Log Format of the Apache HTTP server, {@code %h %l %u %t "%r" %>s %b}, in the time zone of the machine.
     *
     * @return the format
     */
    static AccessFormat common() {
        return common(ZoneId.systemDefault());
    }

    /**
     * The Common Log Format of the Apache HTTP server, {@code %h %l %u %t "%r" %>s %b}.
     *
     * <p>{@code %h} is the address of the client, the one {@linkplain io.headgate.forward.Forwarded before trusted proxies} where that
     * is known; {@code %l} and {@code %u} are not; {@code %>s} is missing when the client got no reply; {@code %b} are the
     * bytes of the body. What is missing is a {@code -}.
     *
     * @param zone of the times
     * @return the format
     */
    static AccessFormat common(ZoneId zone) {
        return new ApacheFormat(zone, false);
    }

    /**
     * The Combined Log Format of the Apache HTTP server, in the time zone of the machine: the {@linkplain #common common} one and
     * <code>"%{Referer}i" "%{User-agent}i"</code>.
     *
     * @return the format
     */
    static AccessFormat combined() {
        return combined(ZoneId.systemDefault());
    }

    /**
     * The Combined Log Format of the Apache HTTP server: the {@linkplain #common(ZoneId) common} one and
     * <code>"%{Referer}i" "%{User-agent}i"</code>.
     *
     * @param zone of the times
     * @return the format
     */
    static AccessFormat combined(ZoneId zone) {
        return new ApacheFormat(zone, true);
    }
}
