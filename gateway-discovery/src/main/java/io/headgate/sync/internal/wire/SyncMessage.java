package io.headgate.sync.internal.wire;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the peers of the sync protocol say to each other. Absent fields read as empty, false or 0. */
public sealed interface SyncMessage {

    /** The only algorithm that there is for {@link DecoderRestart} and {@link ClientHello}. */
    String SNAPPY = "snappy";

    /**
     * The first message of a client.
     *
     * @param hostname where it runs, for logs
     * @param info what it is, for logs
     * @param version of its build, for logs
     * @param syncerType which set it wants; empty means felix
     * @param decoderRestart whether it understands {@link DecoderRestart}
     * @param compressions algorithms that it understands
     * @param modernPolicyKeys whether it understands the keys of policies of today
     * @param connectionId for logs, unsigned; 0 when unknown
     * @param refusals whether it understands {@link Refusal}; ours
     * @param prefixes of the keys that it wants, all when empty; ours
     * @param resumeServer the {@link ServerHello#serverId} of the server that it was connected to, unsigned, 0 for none; ours
     * @param resumePosition the last position that it has taken in there, unsigned; ours
     */
    record ClientHello(
            String hostname,
            String info,
            String version,
            String syncerType,
            boolean decoderRestart,
            List<String> compressions,
            boolean modernPolicyKeys,
            long connectionId,
            boolean refusals,
            List<String> prefixes,
            long resumeServer,
            long resumePosition)
            implements SyncMessage {

        /** Copies the lists. */
        public ClientHello {
            Objects.requireNonNull(hostname, "hostname");
            Objects.requireNonNull(info, "info");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(syncerType, "syncerType");
            compressions = List.copyOf(compressions);
            prefixes = List.copyOf(prefixes);
        }

        /**
         * A hello with the fields of v3.2.5.
         *
         * @param hostname where it runs
         * @param info what it is
         * @param version of its build
         */
        public ClientHello(String hostname, String info, String version) {
            this(hostname, info, version, "", false, List.of(), false, 0, false, List.of(), 0, 0);
        }
    }

    /**
     * The first message of a server.
     *
     * @param version of its build, for logs
     * @param syncerType which set follows; empty means felix
     * @param nodeResourceUpdates whether nodes come as resources; always so today
     * @param connectionId for logs, unsigned; 0 when unknown
     * @param serverId what positions belong to, unsigned; 0 when it cannot resume; ours
     * @param resumed whether what follows goes on at the position that the client named, without a snapshot; ours
     * @param filtered whether only keys with the prefixes that the client named follow; ours
     */
    record ServerHello(
            String version,
            String syncerType,
            boolean nodeResourceUpdates,
            long connectionId,
            long serverId,
            boolean resumed,
            boolean filtered)
            implements SyncMessage {

        /** Checks the parts. */
        public ServerHello {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(syncerType, "syncerType");
        }

        /**
         * A hello with the fields of v3.2.5.
         *
         * @param version of its build
         */
        public ServerHello(String version) {
            this(version, "", false, 0, 0, false, false);
        }
    }

    /**
     * How complete the picture is.
     *
     * @param status how complete
     * @param position the position that this ends, unsigned; 0 for none; ours
     */
    record Status(SyncStatus status, long position) implements SyncMessage {

        /** Checks that there is one. */
        public Status {
            Objects.requireNonNull(status, "status");
        }

        /**
         * A status that ends no position.
         *
         * @param status how complete
         */
        public Status(SyncStatus status) {
            this(status, 0);
        }
    }

    /**
     * A server asks whether the client is there.
     *
     * @param sent comes back in the {@link Pong}
     * @param fresh when the source of all was heard of last; null when the server does not say; ours
     * @param position the newest position that the client has been sent all of, unsigned; 0 for none; ours
     */
    record Ping(GobTime sent, @Nullable Instant fresh, long position) implements SyncMessage {

        /** Checks that it was sent. */
        public Ping {
            Objects.requireNonNull(sent, "sent");
        }

        /**
         * A ping that says no more.
         *
         * @param sent when
         */
        public Ping(Instant sent) {
            this(GobTime.of(sent), null, 0);
        }
    }

    /**
     * The answer to a {@link Ping}.
     *
     * @param ping the time in the ping
     * @param pong the client's time; as a rule {@link GobTime#ZERO}
     */
    record Pong(GobTime ping, GobTime pong) implements SyncMessage {

        /** Checks the parts. */
        public Pong {
            Objects.requireNonNull(ping, "ping");
            Objects.requireNonNull(pong, "pong");
        }

        /**
         * The answer as the origin gives it.
         *
         * @param ping the time in the ping
         */
        public Pong(GobTime ping) {
            this(ping, GobTime.ZERO);
        }
    }

    /**
     * Entries that have changed.
     *
     * @param updates in order
     * @param position the position that this ends, unsigned; 0 for none: in the middle of a snapshot; ours
     */
    record Kvs(List<SyncUpdate> updates, long position) implements SyncMessage {

        /** Copies the list. */
        public Kvs {
            updates = List.copyOf(updates);
        }

        /**
         * Entries that end no position.
         *
         * @param updates in order
         */
        public Kvs(List<SyncUpdate> updates) {
            this(updates, 0);
        }
    }

    /**
     * The server begins a new stream of bytes behind this, when the client has said {@link Ack}.
     *
     * @param message why, for logs
     * @param compression of the new stream: empty or {@link #SNAPPY}
     */
    record DecoderRestart(String message, String compression) implements SyncMessage {

        /** Checks the parts. */
        public DecoderRestart {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(compression, "compression");
        }
    }

    /** The client is ready for the new stream. */
    record Ack() implements SyncMessage {}

    /**
     * The server closes the connection and says why; only to clients that have said that they understand it. Ours.
     *
     * @param reason for people
     * @param retryAfter how long to stay away; zero when it does not matter
     */
    record Refusal(String reason, Duration retryAfter) implements SyncMessage {

        /** Checks the parts. */
        public Refusal {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(retryAfter, "retryAfter");
        }
    }
}
