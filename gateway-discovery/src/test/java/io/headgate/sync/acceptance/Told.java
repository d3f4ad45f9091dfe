package io.headgate.sync.acceptance;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.wire.SyncMessage;
import java.util.stream.Collectors;

/** Messages as the text that the programs in Go print. */
final class Told {

    private Told() {}

    static String of(SyncMessage message, GoPeer.Structs structs) {
        boolean old = structs == GoPeer.Structs.V325;
        if (message instanceof SyncMessage.Status status) {
            return "status " + status.status().ordinal();
        } else if (message instanceof SyncMessage.Ping ping) {
            return "ping " + time(ping.sent());
        } else if (message instanceof SyncMessage.Pong pong) {
            return "pong " + time(pong.ping()) + " " + time(pong.pong());
        } else if (message instanceof SyncMessage.Kvs kvs) {
            return kvs.updates().stream()
                    .map(update -> "\n  " + of(update, old))
                    .collect(Collectors.joining("", "kvs " + kvs.updates().size(), ""));
        } else if (message instanceof SyncMessage.ServerHello hello) {
            return "server hello " + hello.version()
                    + (old
                            ? ""
                            : " syncer=\"%s\" nodes=%s id=%x"
                                    .formatted(hello.syncerType(), hello.nodeResourceUpdates(), hello.connectionId()));
        } else if (message instanceof SyncMessage.ClientHello hello) {
            return "client hello " + hello.hostname() + " " + hello.info() + " " + hello.version()
                    + (old ? "" : more(hello));
        } else if (message instanceof SyncMessage.DecoderRestart restart) {
            return "restart \"" + restart.compression() + "\"";
        } else if (message instanceof SyncMessage.Ack) {
            return "ack";
        }
        throw new IllegalArgumentException(message.toString());
    }

    private static String more(SyncMessage.ClientHello hello) {
        return " syncer=\"%s\" restart=%s compression=%s policies=%s id=%x"
                .formatted(
                        hello.syncerType(),
                        hello.decoderRestart(),
                        hello.compressions().stream()
                                .map(name -> "\"" + name + "\"")
                                .collect(Collectors.joining(" ", "[", "]")),
                        hello.modernPolicyKeys(),
                        hello.connectionId());
    }

    private static String of(SyncUpdate update, boolean old) {
        return "%s value=%s revision=%s%s ttl=%d type=%d"
                .formatted(
                        update.key(),
                        quoted(update.value()),
                        update.revision(),
                        old ? "" : " resource=\"" + update.resourceVersion() + "\"",
                        update.ttl().toNanos(),
                        update.type().ordinal());
    }

    private static String time(GobTime time) {
        return time.isZero() ? "-" : time.instant().toString();
    }

    private static String quoted(ByteString value) {
        if (value == null) {
            return "-";
        }
        StringBuilder text = new StringBuilder("\"");
        for (byte each : value.toByteArray()) {
            if (each == '"' || each == '\\') {
                text.append('\\').append((char) each);
            } else if (each >= ' ' && each < 127) {
                text.append((char) each);
            } else {
                text.append("\\x%02x".formatted(each & 255));
            }
        }
        return text.append('"').toString();
    }

    /** What a program in Go said, without the types of revisions, of which we keep the text only. */
    static String normal(String said) {
        return said.replace("revision=<nil>:<nil>", "revision=")
                .replace("revision=[]uint8:[97 98 99]", "revision=abc")
                .replaceAll("revision=[a-z0-9]+:", "revision=")
                .strip();
    }
}
