package io.headgate.metrics;

import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What series are about. There are so many of each kind, and no more; what comes later is {@link #other}. */
public sealed interface HttpTarget {

    /** What stands where there were too many. */
    String OTHER = "(other)";

    /**
     * The one target that takes the place of all those for which there was no room.
     *
     * @return a target of the same kind
     */
    HttpTarget other();

    /**
     * What clients ask of the gateway.
     *
     * @param labels what a convention {@linkplain HttpConvention#serverLabels wants to know} besides; mostly none
     * @param route the path of the route as the table has it, or its name; null when there is no route, as for all figures that are known
     *     before the route is
     */
    record Server(Map<String, String> labels, @Nullable String route) implements HttpTarget {

        /** Copies and sorts the labels. */
        public Server {
            labels = labels.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
        }

        @Override
        public Server other() {
            Map<String, String> changed = new TreeMap<>();
            labels.keySet().forEach(key -> changed.put(key, OTHER));
            return new Server(changed, OTHER);
        }
    }

    /**
     * What the gateway asks of an endpoint: attempts.
     *
     * @param endpoint the endpoint
     */
    record Client(Endpoint endpoint) implements HttpTarget {

        /** Checks that it is there. */
        public Client {
            Objects.requireNonNull(endpoint, "endpoint");
        }

        @Override
        public Client other() {
            return new Client(nowhere());
        }
    }

    /**
     * The calls of a profile's route as clients see them.
     *
     * @param destination whose profile it is
     * @param labels of the route
     */
    record Calls(String destination, RouteLabels labels) implements HttpTarget {

        /** Checks that both are there. */
        public Calls {
            Objects.requireNonNull(destination, "destination");
            Objects.requireNonNull(labels, "labels");
        }

        @Override
        public Calls other() {
            return new Calls(OTHER, RouteLabels.NONE);
        }
    }

    /**
     * The attempts of a profile's route as its targets see them.
     *
     * @param destination whose profile it is
     * @param labels of the route
     */
    record Attempts(String destination, RouteLabels labels) implements HttpTarget {

        /** Checks that both are there. */
        public Attempts {
            Objects.requireNonNull(destination, "destination");
            Objects.requireNonNull(labels, "labels");
        }

        @Override
        public Attempts other() {
            return new Attempts(OTHER, RouteLabels.NONE);
        }
    }

    /**
     * What the gateway asks of a control plane.
     *
     * @param address its address, as it is configured
     * @param serverId who it has proved to be, or null in cleartext
     */
    record Control(String address, @Nullable String serverId) implements HttpTarget {

        /** Checks that the address is there. */
        public Control {
            Objects.requireNonNull(address, "address");
        }

        @Override
        public Control other() {
            return new Control(OTHER, null);
        }
    }

    /**
     * Connections.
     *
     * @param endpoint the upstream that they are to, or null when they are of clients
     * @param isSecure whether they are by TLS
     */
    record Connections(@Nullable Endpoint endpoint, boolean isSecure) implements HttpTarget {

        @Override
        public Connections other() {
            return new Connections(nowhere(), false);
        }
    }

    private static Endpoint nowhere() {
        return new Endpoint(InetSocketAddress.createUnresolved(OTHER, 0), Protocol.HTTP_1, null, null, 0, Map.of());
    }
}
