package io.headgate.sync.client;

import io.headgate.sync.SyncStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SyncDiscovery} has to say about itself.
 *
 * @param subscribers how many streams of endpoints and profiles are open
 * @param status how complete the picture is; waiting while nobody is subscribed
 * @param heard until when everything has been told, as the source of all says, or null when it does not say
 * @param endpoints how many names have an entry of endpoints now
 * @param profiles how many names have an entry of a profile now
 * @param badDocuments how many values could not be read so far
 * @param badKeys how many keys name nothing so far
 * @param losses how often the set was lost and subscribed to again, which a state stream should not make necessary
 */
public record SyncDiscoveryStats(
        int subscribers,
        SyncStatus status,
        @Nullable Instant heard,
        int endpoints,
        int profiles,
        long badDocuments,
        long badKeys,
        long losses) {}
