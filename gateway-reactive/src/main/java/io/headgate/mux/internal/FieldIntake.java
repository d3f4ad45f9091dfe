package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fields of a message off a connection and keeps what is end to end: fields of the connection and those that
 * {@code Connection} nominates are left out, {@code Host} is set aside, {@code te: trailers} stays (RFC 9110 section 7.6.1).
 */
public final class FieldIntake {

    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    private CharSequence[] entries;
    private int size;
    private int seen;
    private int hosts;
    private int contentLengths;
    private int transferEncodings;
    private @Nullable CharSequence host;
    private @Nullable CharSequence contentLength;
    private @Nullable CharSequence transferEncoding;
    private @Nullable CharSequence expect;
    private @Nullable CharSequence connection;
    private @Nullable CharSequence upgrade;
    private int upgrades;
    private boolean upgradeNominated;
    private boolean close;
    private boolean keepAlive;

    private FieldIntake(CharSequence[] entries) {
        this.entries = entries;
    }

    /**
     * An intake that writes to the array from which its fields are read, in order: it never keeps more than it has been
     * given, so it never overtakes the reader.
     */
    public static FieldIntake inPlaceOf(CharSequence[] entries) {
        return new FieldIntake(entries);
    }

    /** Takes one field; the codec has checked its syntax. */
    public void add(CharSequence name, CharSequence value) {
        seen++;
        switch (KnownField.of(name)) {
            case OTHER -> {
                if (!FieldNames.isInternal(name)) {
                    keep(name, value);
                }
            }
            case COOKIE, TRAILER -> keep(name, value);
            case HOST -> {
                hosts++;
                host = value;
            }
            case CONTENT_LENGTH -> {
                contentLengths++;
                contentLength = value;
                keep(name, value);
            }
            case TRANSFER_ENCODING -> {
                transferEncodings++;
                transferEncoding = value;
            }
            case TE -> {
                if (hasToken(value, TRAILERS)) {
                    keep(KnownField.TE.text(), TRAILERS);
                }
            }
            case EXPECT -> {
                expect = value;
                keep(name, value);
            }
            case CONNECTION -> connection = connection == null ? value : connection + "," + value;
            case UPGRADE -> {
                upgrades++;
                upgrade = value;
            }
            case HTTP2_SETTINGS, KEEP_ALIVE, PROXY, PROXY_CONNECTION -> {}
        }
    }

    /** Counts fields that were left out because of their names. */
    public FieldIntake dropped(int fields) {
        seen += fields;
        return this;
    }

    private void keep(CharSequence name, CharSequence value) {
        if (size * 2 == entries.length) {
            entries = Arrays.copyOf(entries, entries.length * 2);
        }
        entries[size * 2] = name;
        entries[size * 2 + 1] = value;
        size++;
    }

    /** What is left, after removing what {@code Connection} nominates. */
    public Fields fields() {
        if (connection != null) {
            applyConnection(connection.toString());
        }
        return Fields.ofValidated(entries, size);
    }

    private void applyConnection(String value) {
        for (String option : value.split(",", -1)) {
            String name = option.strip();
            if (name.equalsIgnoreCase("close")) {
                close = true;
            } else if (name.equalsIgnoreCase("keep-alive")) {
                keepAlive = true;
            } else if (name.equalsIgnoreCase("upgrade")) {
                upgradeNominated = true;
            } else if (!name.isEmpty() && KnownField.of(name) != KnownField.TE) {
                removeNominated(name);
            }
        }
    }

    private void removeNominated(String name) {
        switch (KnownField.of(name)) {
            case HOST, CONTENT_LENGTH, COOKIE, TRANSFER_ENCODING -> throw nominated(name);
            case OTHER -> {
                if (FieldNames.isTrusted(name)) {
                    throw nominated(name);
                }
            }
            default -> {}
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!AsciiString.contentEqualsIgnoreCase(entries[i * 2], name)) {
                entries[kept * 2] = entries[i * 2];
                entries[kept * 2 + 1] = entries[i * 2 + 1];
                kept++;
            }
        }
        size = kept;
    }

    private static RequestException nominated(String name) {
        return HeadRules.bad(Limit.NOMINATION, "connection", name, "no end-to-end field");
    }

    private static boolean hasToken(CharSequence list, CharSequence token) {
        if (AsciiString.contentEqualsIgnoreCase(list, token)) {
            return true;
        }
        for (String member : list.toString().split(",", -1)) {
            int weight = member.indexOf(';');
            String name = (weight < 0 ? member : member.substring(0, weight)).strip();
            if (AsciiString.contentEqualsIgnoreCase(name, token)) {
                return true;
            }
        }
        return false;
    }

    public int seen() {
        return seen;
    }

    public int hosts() {
        return hosts;
    }

    public @Nullable CharSequence host() {
        return host;
    }

    /** How many {@code Content-Length} fields came. */
    public int contentLengths() {
        return contentLengths;
    }

    public @Nullable CharSequence contentLength() {
        return contentLength;
    }

    /** How many {@code Transfer-Encoding} fields came. */
    public int transferEncodings() {
        return transferEncodings;
    }

    public @Nullable CharSequence transferEncoding() {
        return transferEncoding;
    }

    public @Nullable CharSequence expect() {
        return expect;
    }

    /** The only {@code Upgrade}, if {@code Connection} names it as it must; known after {@link #fields}. */
    public @Nullable CharSequence upgrade() {
        return upgradeNominated && upgrades == 1 ? upgrade : null;
    }

    /** Whether {@code Connection: close} came; known after {@link #fields}. */
    public boolean close() {
        return close;
    }

    /** Whether {@code Connection: keep-alive} came; known after {@link #fields}. */
    public boolean keepAlive() {
        return keepAlive;
    }
}
