package io.headgate.balance;

import io.headgate.resolve.Endpoint;
import java.util.Locale;
import java.util.Objects;

/**
 * Prefers endpoints of the own zone: those whose label {@code zone} is this one, or that their source calls near by the label
 * {@code zone_locality=local}. While enough of them are ready all calls stay in the zone; with fewer, calls spill over to the
 * others in proportion to what is missing, and with none all do.
 *
 * @param zone the own zone
 * @param enough the share of the endpoints of the zone that must be ready to take all calls: above 0, at most 1
 */
public record ZonePreference(String zone, double enough) {

    /** The label that names the zone of an endpoint. */
    public static final String ZONE_LABEL = "zone";

    /** The label with which a source says itself whether an endpoint is {@code local} or {@code remote}. */
    public static final String LOCALITY_LABEL = "zone_locality";

    /** Checks the share. */
    public ZonePreference {
        Objects.requireNonNull(zone, "zone");
        if (!(enough > 0 && enough <= 1)) {
            throw new IllegalArgumentException("enough: " + enough + " (expected: above 0, up to 1)");
        }
    }

    /**
     * Prefers a zone as long as half of its endpoints are ready.
     *
     * @param zone the own zone
     * @return the preference
     */
    public static ZonePreference of(String zone) {
        return new ZonePreference(zone, 0.5);
    }

    /**
     * Tells whether an endpoint is in the zone. What its source says of the locality goes before the name of its zone.
     *
     * @param endpoint the endpoint
     * @return true for a near one
     */
    public boolean isNear(Endpoint endpoint) {
        String locality = endpoint.labels().get(LOCALITY_LABEL);
        if (locality != null) {
            return locality.toLowerCase(Locale.ROOT).equals("local");
        }
        return zone.equals(endpoint.labels().get(ZONE_LABEL));
    }
}
