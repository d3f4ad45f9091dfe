package io.headgate.sync.internal.wire;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.gob.GobDecoder;
import io.headgate.sync.internal.gob.GobPlan;
import io.headgate.sync.internal.gob.GobReader;
import io.headgate.sync.internal.gob.GobShape;
import io.headgate.sync.internal.gob.GobTarget;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one type.
 *
 * @param shape of the message
 * @param fields makes what collects the fields of one message
 */
record MessageReader(GobShape shape, Supplier<Fields> fields) {

    private static final SyncStatus[] STATUSES = SyncStatus.values();

    /** What was read of one message. */
    interface Fields extends GobTarget {

        SyncMessage toMessage();
    }

    /** By the names that announce them. */
    static Map<String, MessageReader> of(SyncType... types) {
        return Arrays.stream(types).collect(Collectors.toUnmodifiableMap(SyncType::registeredName, MessageReader::of));
    }

    private static MessageReader of(SyncType type) {
        return new MessageReader(
                type.shape(type == SyncType.KVS ? KvsFields.UPDATE : null),
                switch (type) {
                    case CLIENT_HELLO -> ClientHelloFields::new;
                    case SERVER_HELLO -> ServerHelloFields::new;
                    case SYNC_STATUS -> StatusFields::new;
                    case PING -> PingFields::new;
                    case PONG -> PongFields::new;
                    case KVS -> KvsFields::new;
                    case DECODER_RESTART -> RestartFields::new;
                    case ACK -> AckFields::new;
                    case REFUSAL -> RefusalFields::new;
                    default -> throw new IllegalArgumentException("type: " + type + " (expected: a message)");
                });
    }

    SyncMessage read(GobDecoder in, long typeId) {
        Fields collected = fields.get();
        in.struct(in.plan(typeId, shape), collected);
        return collected.toMessage();
    }

    private static final class ClientHelloFields implements Fields {

        private String hostname = "";
        private String info = "";
        private String version = "";
        private String syncerType = "";
        private boolean decoderRestart;
        private List<String> compressions = List.of();
        private boolean modernPolicyKeys;
        private long connectionId;
        private boolean refusals;
        private List<String> prefixes = List.of();
        private long resumeServer;
        private long resumePosition;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            GobReader value = in.reader();
            switch (slot) {
                case 0 -> hostname = value.string();
                case 1 -> info = value.string();
                case 2 -> version = value.string();
                case 3 -> syncerType = value.string();
                case 4 -> decoderRestart = value.bool();
                case 5 -> compressions = List.of(in.strings());
                case 6 -> modernPolicyKeys = value.bool();
                case 7 -> connectionId = value.uint();
                case 8 -> refusals = value.bool();
                case 9 -> prefixes = List.of(in.strings());
                case 10 -> resumeServer = value.uint();
                default -> resumePosition = value.uint();
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.ClientHello(
                    hostname,
                    info,
                    version,
                    syncerType,
                    decoderRestart,
                    compressions,
                    modernPolicyKeys,
                    connectionId,
                    refusals,
                    prefixes,
                    resumeServer,
                    resumePosition);
        }
    }

    private static final class ServerHelloFields implements Fields {

        private String version = "";
        private String syncerType = "";
        private boolean nodeResourceUpdates;
        private long connectionId;
        private long serverId;
        private boolean resumed;
        private boolean filtered;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            GobReader value = in.reader();
            switch (slot) {
                case 0 -> version = value.string();
                case 1 -> syncerType = value.string();
                case 2 -> nodeResourceUpdates = value.bool();
                case 3 -> connectionId = value.uint();
                case 4 -> serverId = value.uint();
                case 5 -> resumed = value.bool();
                default -> filtered = value.bool();
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.ServerHello(
                    version, syncerType, nodeResourceUpdates, connectionId, serverId, resumed, filtered);
        }
    }

    private static final class StatusFields implements Fields {

        private SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
        private long position;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            long value = in.reader().uint();
            if (slot != 0) {
                position = value;
            } else if (Long.compareUnsigned(value, STATUSES.length) < 0) {
                status = STATUSES[(int) value];
            } else {
                throw new SyncWireException(
                        Reason.BAD_VALUE, "status: " + Long.toUnsignedString(value) + " (expected: 0 to 2)");
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.Status(status, position);
        }
    }

    private static final class PingFields implements Fields {

        private GobTime sent = GobTime.ZERO;
        private @Nullable Instant fresh;
        private long position;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            switch (slot) {
                case 0 -> sent = GobTime.read(in.reader());
                case 1 -> {
                    GobTime time = GobTime.read(in.reader());
                    fresh = time.isZero() ? null : time.instant();
                }
                default -> position = in.reader().uint();
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.Ping(sent, fresh, position);
        }
    }

    private static final class PongFields implements Fields {

        private GobTime ping = GobTime.ZERO;
        private GobTime pong = GobTime.ZERO;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            GobTime time = GobTime.read(in.reader());
            if (slot == 0) {
                ping = time;
            } else {
                pong = time;
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.Pong(ping, pong);
        }
    }

    private static final class RestartFields implements Fields {

        private String message = "";
        private String compression = "";

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            String text = in.reader().string();
            if (slot == 0) {
                message = text;
            } else {
                compression = text;
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.DecoderRestart(message, compression);
        }
    }

    private static final class AckFields implements Fields {

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            throw new IllegalStateException("field of an ACK: " + slot + " (expected: none)");
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.Ack();
        }
    }

    private static final class RefusalFields implements Fields {

        private String reason = "";
        private Duration retryAfter = Duration.ZERO;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            if (slot == 0) {
                reason = in.reader().string();
            } else {
                retryAfter = Duration.ofNanos(in.reader().sint());
            }
        }

        @Override
        public SyncMessage toMessage() {
            return new SyncMessage.Refusal(reason, retryAfter);
        }
    }
}
