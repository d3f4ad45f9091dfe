package io.headgate.accesslog;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Times as text, without the objects that a formatter of Java makes. */
final class Times {

    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    private Times() {}

    /** Appends a time as of ISO 8601, in UTC, with milliseconds: {@code 2026-11-21T09:05:42.123Z}. */
    static void iso(long millis, StringBuilder line) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(Math.floorDiv(millis, 1000L), 0, ZoneOffset.UTC);
        line.append(time.getYear()).append('-');
        digits(time.getMonthValue(), 2, line).append('-');
        digits(time.getDayOfMonth(), 2, line).append('T');
        clock(time, line).append('.');
        digits(Math.floorMod(millis, 1000), 3, line).append('Z');
    }

    /** Appends a time as the Common Log Format has it: {@code [21/Nov/2026:09:05:42 +0000]}. */
    static void common(long millis, ZoneId zone, StringBuilder line) {
        ZoneOffset offset = zone.getRules().getOffset(java.time.Instant.ofEpochMilli(millis));
        LocalDateTime time = LocalDateTime.ofEpochSecond(Math.floorDiv(millis, 1000L), 0, offset);
        line.append('[');
        digits(time.getDayOfMonth(), 2, line).append('/').append(MONTHS[time.getMonthValue() - 1]);
        line.append('/').append(time.getYear()).append(':');
        clock(time, line).append(' ');
        int minutes = offset.getTotalSeconds() / 60;
        line.append(minutes < 0 ? '-' : '+');
        digits(Math.abs(minutes) / 60, 2, line);
        digits(Math.abs(minutes) % 60, 2, line).append(']');
    }

    /** Appends nanoseconds as milliseconds with three places: {@code 12.345}. */
    static void millis(long nanos, StringBuilder line) {
        long micros = Math.max(nanos, 0) / 1000;
        line.append(micros / 1000).append('.');
        digits((int) (micros % 1000), 3, line);
    }

    private static StringBuilder clock(LocalDateTime time, StringBuilder line) {
        digits(time.getHour(), 2, line).append(':');
        digits(time.getMinute(), 2, line).append(':');
        return digits(time.getSecond(), 2, line);
    }

    private static StringBuilder digits(int value, int places, StringBuilder line) {
        for (int power = places == 3 ? 100 : 10; power > 1 && value < power; power /= 10) {
            line.append('0');
        }
        return line.append(value);
    }
}
