package io.headgate.mux;

import java.time.Duration;

/**
 * How much an HTTP/2 peer, client or upstream, may do that costs this side more than it. Who does more is told GOAWAY
 * ENHANCE_YOUR_CALM (RFC 9113 section 10.5) and its connection is closed. Immutable; {@link #DEFAULTS} suit a public gateway.
 *
 * <p><b>Per second</b> means a window of a second at whose end counts are halved, not forgotten.
 *
 * <p><b>In all</b> means over the life of the connection, less one for each exchange that was completed: connections of
 * proxies and of RPC clients live for weeks, and what is a flood on a young connection is a trickle on one that has served a
 * million exchanges. A good record counts for at most the limit itself.
 *
 * <p><b>Earned</b> frames are not counted: each DATA frame sent to the peer and each stream that it opens pays for two frames
 * of WINDOW_UPDATE, PING or PRIORITY. A client that downloads gigabytes must send thousands of WINDOW_UPDATE frames in a
 * second, and RPC clients measure the delay with a PING for each burst of data; a flood is what comes without such work.
 *
 * @param resetsPerSecond RST_STREAM frames that may come within a second
 * @param resets RST_STREAM frames that may come in all
 * @param earlyResets streams that may be reset in all before their response started: the mark of a rapid reset attack
 * @param errors errors of the peer that may be answered with RST_STREAM in all
 * @param queuedFrames RST_STREAM frames and acknowledgements that may wait in memory because the peer does not read
 * @param pingsPerSecond PING frames that may come within a second, beyond those earned
 * @param pings PING frames that may come in all, beyond those earned
 * @param settingsPerSecond SETTINGS frames that may come within a second
 * @param settings SETTINGS frames that may come in all
 * @param emptyDataPerSecond DATA frames without content that may come within a second, other than the last of a stream
 * @param windowUpdatesPerSecond WINDOW_UPDATE frames that may come within a second, beyond those earned
 * @param continuations CONTINUATION frames of one header block
 * @param headerBlock bytes of one header block before decompression
 * @param glitchesPerSecond frames without use that may come within a second, beyond those earned, and errors answered with RST_STREAM
 * @param settingsAck how long the peer may take to acknowledge SETTINGS; GOAWAY SETTINGS_TIMEOUT beyond
 */
public record H2Limits(
        int resetsPerSecond,
        int resets,
        int earlyResets,
        int errors,
        int queuedFrames,
        int pingsPerSecond,
        int pings,
        int settingsPerSecond,
        int settings,
        int emptyDataPerSecond,
        int windowUpdatesPerSecond,
        int continuations,
        int headerBlock,
        int glitchesPerSecond,
        Duration settingsAck) {

    /** The defaults; see {@link Builder} for each. */
    public static final H2Limits DEFAULTS = new Builder().build();

    /** Checks the ranges. */
    public H2Limits {
        between("resetsPerSecond", resetsPerSecond, 1, Integer.MAX_VALUE / 2);
        between("resets", resets, 1, Integer.MAX_VALUE / 2);
        between("earlyResets", earlyResets, 1, Integer.MAX_VALUE / 2);
        between("errors", errors, 1, Integer.MAX_VALUE / 2);
        between("queuedFrames", queuedFrames, 1, Integer.MAX_VALUE / 2);
        between("pingsPerSecond", pingsPerSecond, 1, Integer.MAX_VALUE / 2);
        between("pings", pings, 1, Integer.MAX_VALUE / 2);
        between("settingsPerSecond", settingsPerSecond, 1, Integer.MAX_VALUE / 2);
        between("settings", settings, 1, Integer.MAX_VALUE / 2);
        between("emptyDataPerSecond", emptyDataPerSecond, 1, Integer.MAX_VALUE / 2);
        between("windowUpdatesPerSecond", windowUpdatesPerSecond, 1, Integer.MAX_VALUE / 2);
        between("continuations", continuations, 1, Integer.MAX_VALUE / 2);
        between("headerBlock", headerBlock, 1024, 1 << 24);
        between("glitchesPerSecond", glitchesPerSecond, 1, Integer.MAX_VALUE / 2);
        if (settingsAck.compareTo(Duration.ofMillis(1)) < 0 || settingsAck.compareTo(Duration.ofDays(24)) > 0) {
            throw new IllegalArgumentException("settingsAck: " + settingsAck + " (expected: 1 millisecond to 24 days)");
        }
    }

    /**
     * A builder that starts with the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with these limits.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /** Builds limits; each setter says the default. */
    public static final class Builder {

        private int resetsPerSecond = 200;
        private int resets = 10_000;
        private int earlyResets = 200;
        private int errors = 500;
        private int queuedFrames = 200;
        private int pingsPerSecond = 100;
        private int pings = 10_000;
        private int settingsPerSecond = 50;
        private int settings = 10_000;
        private int emptyDataPerSecond = 100;
        private int windowUpdatesPerSecond = 100;
        private int continuations = 20;
        private int headerBlock = 64 * 1024;
        private int glitchesPerSecond = 100;
        private Duration settingsAck = Duration.ofSeconds(5);

        private Builder() {}

        private Builder(H2Limits from) {
            resetsPerSecond = from.resetsPerSecond;
            resets = from.resets;
            earlyResets = from.earlyResets;
            errors = from.errors;
            queuedFrames = from.queuedFrames;
            pingsPerSecond = from.pingsPerSecond;
            pings = from.pings;
            settingsPerSecond = from.settingsPerSecond;
            settings = from.settings;
            emptyDataPerSecond = from.emptyDataPerSecond;
            windowUpdatesPerSecond = from.windowUpdatesPerSecond;
            continuations = from.continuations;
            headerBlock = from.headerBlock;
            glitchesPerSecond = from.glitchesPerSecond;
            settingsAck = from.settingsAck;
        }

        /**
         * Bounds the RST_STREAM frames of a second; 200, twice the streams that may be open: a proxy whose clients leave
         * resets all of theirs at once, and those that it has opened in their place.
         *
         * @param value frames
         * @return this
         */
        public Builder resetsPerSecond(int value) {
            resetsPerSecond = value;
            return this;
        }

        /**
         * Bounds the RST_STREAM frames of a connection; 10,000.
         *
         * @param value frames
         * @return this
         */
        public Builder resets(int value) {
            resets = value;
            return this;
        }

        /**
         * Bounds the resets before a response started; 200, for the reason of {@link #resetsPerSecond}.
         *
         * @param value streams
         * @return this
         */
        public Builder earlyResets(int value) {
            earlyResets = value;
            return this;
        }

        /**
         * Bounds the resets that the peer causes by its errors; 500.
         *
         * @param value streams
         * @return this
         */
        public Builder errors(int value) {
            errors = value;
            return this;
        }

        /**
         * Bounds the answering frames that the peer does not read; 200.
         *
         * @param value frames
         * @return this
         */
        public Builder queuedFrames(int value) {
            queuedFrames = value;
            return this;
        }

        /**
         * Bounds the PING frames of a second; 100.
         *
         * @param value frames
         * @return this
         */
        public Builder pingsPerSecond(int value) {
            pingsPerSecond = value;
            return this;
        }

        /**
         * Bounds the PING frames of a connection; 10,000.
         *
         * @param value frames
         * @return this
         */
        public Builder pings(int value) {
            pings = value;
            return this;
        }

        /**
         * Bounds the SETTINGS frames of a second; 50, of at most 64 settings each.
         *
         * @param value frames
         * @return this
         */
        public Builder settingsPerSecond(int value) {
            settingsPerSecond = value;
            return this;
        }

        /**
         * Bounds the SETTINGS frames of a connection; 10,000.
         *
         * @param value frames
         * @return this
         */
        public Builder settings(int value) {
            settings = value;
            return this;
        }

        /**
         * Bounds the empty DATA frames of a second; 100.
         *
         * @param value frames
         * @return this
         */
        public Builder emptyDataPerSecond(int value) {
            emptyDataPerSecond = value;
            return this;
        }

        /**
         * Bounds the WINDOW_UPDATE frames of a second; 100.
         *
         * @param value frames
         * @return this
         */
        public Builder windowUpdatesPerSecond(int value) {
            windowUpdatesPerSecond = value;
            return this;
        }

        /**
         * Bounds the CONTINUATION frames of a header block; 20.
         *
         * @param value frames
         * @return this
         */
        public Builder continuations(int value) {
            continuations = value;
            return this;
        }

        /**
         * Bounds the bytes of a header block; 64 KiB.
         *
         * @param value bytes
         * @return this
         */
        public Builder headerBlock(int value) {
            headerBlock = value;
            return this;
        }

        /**
         * Bounds the useless frames of a second; 100.
         *
         * @param value frames
         * @return this
         */
        public Builder glitchesPerSecond(int value) {
            glitchesPerSecond = value;
            return this;
        }

        /**
         * Bounds the wait for the acknowledgement of SETTINGS; 5 seconds.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder settingsAck(Duration value) {
            settingsAck = value;
            return this;
        }

        /**
         * Checks and builds.
         *
         * @return the limits
         * @throws IllegalArgumentException when a value is out of range; the message names it
         */
        public H2Limits build() {
            return new H2Limits(
                    resetsPerSecond,
                    resets,
                    earlyResets,
                    errors,
                    queuedFrames,
                    pingsPerSecond,
                    pings,
                    settingsPerSecond,
                    settings,
                    emptyDataPerSecond,
                    windowUpdatesPerSecond,
                    continuations,
                    headerBlock,
                    glitchesPerSecond,
                    settingsAck);
        }
    }
}
