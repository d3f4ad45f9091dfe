package io.headgate.sync.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.UpdateType;
import io.headgate.sync.internal.gob.GobDecoder;
import io.headgate.sync.internal.gob.GobPlan;
import io.headgate.sync.internal.gob.GobShape;
import io.headgate.sync.internal.gob.GobTarget;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects {@link SyncMessage.Kvs}. */
final class KvsFields implements MessageReader.Fields {

    static final GobShape UPDATE = SyncType.UPDATE.shape(null);

    private static final UpdateType[] TYPES = UpdateType.values();

    private List<SyncUpdate> updates = List.of();
    private long position;

    @Override
    public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
        if (slot != 0 || element == null) {
            position = in.reader().uint();
            return;
        }
        SyncUpdate[] read = new SyncUpdate[in.count()];
        UpdateFields fields = new UpdateFields();
        for (int i = 0; i < read.length; i++) {
            in.struct(element, fields);
            read[i] = fields.take();
        }
        updates = List.of(read);
    }

    @Override
    public SyncMessage toMessage() {
        return new SyncMessage.Kvs(updates, position);
    }

    /** One entry after the other. */
    private static final class UpdateFields implements GobTarget {

        private String key = "";
        private @Nullable ByteString value;
        private String revision = "";
        private String resourceVersion = "";
        private Duration ttl = Duration.ZERO;
        private UpdateType type = UpdateType.UNKNOWN;

        @Override
        public void field(int slot, @Nullable GobPlan element, GobDecoder in) {
            switch (slot) {
                case 0 -> key = in.reader().string();
                case 1 -> value = UnsafeByteOperations.unsafeWrap(in.reader().bytes());
                case 2 -> revision = in.text();
                case 3 -> resourceVersion = in.reader().string();
                case 4 -> ttl = Duration.ofNanos(in.reader().sint());
                default -> type = type(in.reader().uint());
            }
        }

        /** A type of tomorrow is one that we do not know. */
        private static UpdateType type(long number) {
            return Long.compareUnsigned(number, TYPES.length) < 0 ? TYPES[(int) number] : UpdateType.UNKNOWN;
        }

        SyncUpdate take() {
            SyncUpdate update = new SyncUpdate(key, value, revision, resourceVersion, ttl, type);
            key = "";
            value = null;
            revision = "";
            resourceVersion = "";
            ttl = Duration.ZERO;
            type = UpdateType.UNKNOWN;
            return update;
        }
    }
}
