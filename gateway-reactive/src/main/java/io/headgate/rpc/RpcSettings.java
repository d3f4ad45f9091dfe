package io.headgate.rpc;

import java.time.Duration;
import java.util.Objects;

/**
 * Times and limits of a connection. Immutable; {@link #DEFAULTS} suit a network that is not hostile.
 *
 * <p>Timers are coarse: they are looked at once per {@link #tick}, so a time may end late by that much and never ends early.
 *
 * <p><b>Memory.</b> Of what a peer sends, at most {@code connectionWindow} bytes wait for consumers, and of one stream at most
 * {@code streamWindow}, whatever the number of streams. Elements that come in several frames are put together beside the
 * windows: as many at a time as {@code maxElement} goes into {@code connectionWindow}, so that all of it is at most twice the
 * {@code connectionWindow}. What is to be sent waits in its publisher: a stream holds one element that has no credit yet.
 *
 * @param maxFrame most bytes of the payload of a frame, sent and accepted; checked before anything is allocated. On the own wire
 *     nobody sends more than 128 KiB in one, as longer ones leave the cache of the processor on their way
 * @param maxHeader most bytes of a header or a trailer, metadata included
 * @param maxElement most bytes of one element that must be whole (JSON, protobuf)
 * @param maxErrorText most bytes of the text of an error; longer ones are cut
 * @param streamWindow bytes that a peer may send on one stream before they are consumed
 * @param connectionWindow bytes that a peer may send on all streams before they are consumed
 * @param maxStreams most calls of the peer at one time; those beyond are refused unprocessed
 * @param handshake how long the handshake may take
 * @param heartbeat after this long without a byte to send, one is sent that the peer must answer; {@link Duration#ZERO} for none
 * @param silence after this long without a byte from the peer it is dead; {@link Duration#ZERO} for never
 * @param progress a stream that may move and does not for this long is cut; {@link Duration#ZERO} for never. A stream that
 *     waits for its own consumer may not move and is spared
 * @param close how long goodbyes may take once the last call has ended
 * @param maxLeftover most bytes that are read and dropped while waiting for the end of a byte stream, on our own wire beside those
 *     that the other side had credit for
 * @param tick how often timers are looked at
 */
public record RpcSettings(
        int maxFrame,
        int maxHeader,
        int maxElement,
        int maxErrorText,
        int streamWindow,
        int connectionWindow,
        int maxStreams,
        Duration handshake,
        Duration heartbeat,
        Duration silence,
        Duration progress,
        Duration close,
        int maxLeftover,
        Duration tick) {

    /** The defaults; see {@link Builder} for the reason of each. */
    public static final RpcSettings DEFAULTS = new Builder().build();

    /** Checks the ranges. */
    public RpcSettings {
        between("maxFrame", maxFrame, 1024, (1 << 24) - 1);
        between("maxHeader", maxHeader, 512, 1 << 20);
        between("maxElement", maxElement, 64, 1 << 30);
        between("maxErrorText", maxErrorText, 16, 4096);
        between("streamWindow", streamWindow, 1024, 1 << 30);
        between("connectionWindow", connectionWindow, streamWindow, 1 << 30);
        between("maxStreams", maxStreams, 0, 1 << 20);
        atLeast("handshake", handshake, Duration.ofMillis(1));
        atLeast("heartbeat", heartbeat, Duration.ZERO);
        atLeast("silence", silence, Duration.ZERO);
        atLeast("progress", progress, Duration.ZERO);
        atLeast("close", close, Duration.ofMillis(1));
        between("maxLeftover", maxLeftover, 0, 1 << 30);
        atLeast("tick", tick, Duration.ofMillis(1));
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
     * A builder that starts with these settings.
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

    private static void atLeast(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + least + ")");
        }
    }

    /** Makes settings. */
    public static final class Builder {

        private int maxFrame = 1 << 20; // this side sends shorter ones on its own wire, others may not
        private int maxHeader = 32 * 1024;
        private int maxElement = 4 << 20;
        private int maxErrorText = 1024; // fits in a header of 2017, even when each character is escaped
        private int streamWindow = 2 << 20; // more did not make a bulk stream faster
        private int connectionWindow = 16 << 20; // eight streams that nobody reads
        private int maxStreams = 16 * 1024;
        private Duration handshake = Duration.ofSeconds(10);
        private Duration heartbeat = Duration.ofSeconds(5);
        private Duration silence = Duration.ofSeconds(15); // two heartbeats may be lost
        private Duration progress = Duration.ZERO; // only who knows its handlers knows how long they may think
        private Duration close = Duration.ofSeconds(5);
        private int maxLeftover = 1 << 20;
        private Duration tick = Duration.ofMillis(100);

        private Builder() {}

        private Builder(RpcSettings from) {
            maxFrame = from.maxFrame;
            maxHeader = from.maxHeader;
            maxElement = from.maxElement;
            maxErrorText = from.maxErrorText;
            streamWindow = from.streamWindow;
            connectionWindow = from.connectionWindow;
            maxStreams = from.maxStreams;
            handshake = from.handshake;
            heartbeat = from.heartbeat;
            silence = from.silence;
            progress = from.progress;
            close = from.close;
            maxLeftover = from.maxLeftover;
            tick = from.tick;
        }

        /**
         * See {@link RpcSettings#maxFrame}; by default 1 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxFrame(int value) {
            maxFrame = value;
            return this;
        }

        /**
         * See {@link RpcSettings#maxHeader}; by default 32 KiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxHeader(int value) {
            maxHeader = value;
            return this;
        }

        /**
         * See {@link RpcSettings#maxElement}; by default 4 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxElement(int value) {
            maxElement = value;
            return this;
        }

        /**
         * See {@link RpcSettings#maxErrorText}; by default 1 KiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxErrorText(int value) {
            maxErrorText = value;
            return this;
        }

        /**
         * See {@link RpcSettings#streamWindow}; by default 2 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder streamWindow(int value) {
            streamWindow = value;
            return this;
        }

        /**
         * See {@link RpcSettings#connectionWindow}; by default 16 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder connectionWindow(int value) {
            connectionWindow = value;
            return this;
        }

        /**
         * See {@link RpcSettings#maxStreams}; by default 16,384.
         *
         * @param value the value
         * @return this
         */
        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        /**
         * See {@link RpcSettings#handshake}; by default 10 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder handshake(Duration value) {
            handshake = Objects.requireNonNull(value, "handshake");
            return this;
        }

        /**
         * See {@link RpcSettings#heartbeat}; by default 5 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder heartbeat(Duration value) {
            heartbeat = Objects.requireNonNull(value, "heartbeat");
            return this;
        }

        /**
         * See {@link RpcSettings#silence}; by default 15 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder silence(Duration value) {
            silence = Objects.requireNonNull(value, "silence");
            return this;
        }

        /**
         * See {@link RpcSettings#progress}; by default zero.
         *
         * @param value the value
         * @return this
         */
        public Builder progress(Duration value) {
            progress = Objects.requireNonNull(value, "progress");
            return this;
        }

        /**
         * See {@link RpcSettings#close}; by default 5 seconds.
         *
         * @param value the value
         * @return this
         */
        public Builder close(Duration value) {
            close = Objects.requireNonNull(value, "close");
            return this;
        }

        /**
         * See {@link RpcSettings#maxLeftover}; by default 1 MiB.
         *
         * @param value the value
         * @return this
         */
        public Builder maxLeftover(int value) {
            maxLeftover = value;
            return this;
        }

        /**
         * See {@link RpcSettings#tick}; by default 100 ms.
         *
         * @param value the value
         * @return this
         */
        public Builder tick(Duration value) {
            tick = Objects.requireNonNull(value, "tick");
            return this;
        }

        /**
         * The settings.
         *
         * @return the settings
         * @throws IllegalArgumentException when a value is out of its range; the message names it
         */
        public RpcSettings build() {
            return new RpcSettings(
                    maxFrame,
                    maxHeader,
                    maxElement,
                    maxErrorText,
                    streamWindow,
                    connectionWindow,
                    maxStreams,
                    handshake,
                    heartbeat,
                    silence,
                    progress,
                    close,
                    maxLeftover,
                    tick);
        }
    }
}
