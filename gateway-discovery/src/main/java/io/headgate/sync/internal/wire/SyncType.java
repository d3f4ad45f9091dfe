package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.GobShape;
import io.headgate.sync.internal.gob.GobShape.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The types of the protocol with all fields that anybody has ever sent, in order. The place of a field in this list is what
 * both the encoder and the decoder know it by.
 */
enum SyncType {
    TIME("Time"),
    STRINGS("[]syncproto.CompressionAlgorithm"),
    UPDATES("[]syncproto.SerializedUpdate"),
    ENVELOPE("Envelope", origin("Message", Kind.INTERFACE)),
    CLIENT_HELLO(
            "MsgClientHello",
            origin("Hostname", Kind.STRING),
            origin("Info", Kind.STRING),
            origin("Version", Kind.STRING),
            today("SyncerType", Kind.STRING),
            today("SupportsDecoderRestart", Kind.BOOL),
            today("SupportedCompressionAlgorithms", Kind.STRINGS),
            today("SupportsModernPolicyKeys", Kind.BOOL),
            today("ClientConnID", Kind.UINT),
            ours("HeadgateRefusals", Kind.BOOL),
            ours("HeadgatePrefixes", Kind.STRINGS),
            ours("HeadgateResumeServer", Kind.UINT),
            ours("HeadgateResumePosition", Kind.UINT)),
    SERVER_HELLO(
            "MsgServerHello",
            origin("Version", Kind.STRING),
            today("SyncerType", Kind.STRING),
            today("SupportsNodeResourceUpdates", Kind.BOOL),
            today("ServerConnID", Kind.UINT),
            ours("HeadgateServerID", Kind.UINT),
            ours("HeadgateResumed", Kind.BOOL),
            ours("HeadgateFiltered", Kind.BOOL)),
    SYNC_STATUS("MsgSyncStatus", origin("SyncStatus", Kind.UINT), ours("HeadgatePosition", Kind.UINT)),
    PING(
            "MsgPing",
            origin("Timestamp", Kind.EXTERNAL),
            ours("HeadgateFreshness", Kind.EXTERNAL),
            ours("HeadgatePosition", Kind.UINT)),
    PONG("MsgPong", origin("PingTimestamp", Kind.EXTERNAL), origin("PongTimestamp", Kind.EXTERNAL)),
    UPDATE(
            "SerializedUpdate",
            origin("Key", Kind.STRING),
            origin("Value", Kind.BYTES),
            origin("Revision", Kind.INTERFACE),
            today("V3ResourceVersion", Kind.STRING),
            origin("TTL", Kind.INT),
            origin("UpdateType", Kind.UINT)),
    KVS("MsgKVs", origin("KVs", Kind.STRUCTS), ours("HeadgatePosition", Kind.UINT)),
    DECODER_RESTART("MsgDecoderRestart", today("Message", Kind.STRING), today("CompressionAlgorithm", Kind.STRING)),
    ACK("MsgACK"),
    REFUSAL("MsgRefusal", ours("Reason", Kind.STRING), ours("RetryAfter", Kind.INT));

    /** Before the names of the origin's messages, wherever its code has moved to. */
    private static final String REGISTERED = "github.com/projectcalico/typha/pkg/syncproto.";

    private static final String OURS = "io.headgate.sync.";

    /** Since when there is a field; in order of time. */
    enum Since {
        ORIGIN,
        TODAY,
        OURS
    }

    record Field(String name, Kind kind, Since since) {}

    private final String typeName;
    private final List<Field> fields;

    SyncType(String typeName, Field... fields) {
        this.typeName = typeName;
        this.fields = List.of(fields);
    }

    private static Field origin(String name, Kind kind) {
        return new Field(name, kind, Since.ORIGIN);
    }

    private static Field today(String name, Kind kind) {
        return new Field(name, kind, Since.TODAY);
    }

    private static Field ours(String name, Kind kind) {
        return new Field(name, kind, Since.OURS);
    }

    String typeName() {
        return typeName;
    }

    /** The name before a value of this type in an envelope. */
    String registeredName() {
        return (this == REFUSAL ? OURS : REGISTERED) + typeName;
    }

    List<Field> fields() {
        return fields;
    }

    /** How this is read. */
    GobShape shape(@Nullable GobShape elements) {
        Stream<GobShape.Field> shapes = fields.stream()
                .map(field ->
                        new GobShape.Field(field.name(), field.kind(), field.kind() == Kind.STRUCTS ? elements : null));
        return GobShape.of(typeName, shapes.toArray(GobShape.Field[]::new));
    }
}
