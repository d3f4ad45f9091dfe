package io.headgate.metrics;

import io.headgate.http.HttpExchange;
import io.headgate.retry.Skipped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which series there are, and what they are called: names, tags, units and buckets. It is asked once for each series, when
 * what the series is of occurs for the first time, never for each exchange; but for {@link #serverLabels}.
 *
 * <p>Different requests may be given the same series, and an empty list is nothing measured. Two of the same name should have the same
 * tag keys where they can; registries that insist on it do not take the second.
 *
 * <p><b>Threading.</b> Any thread may ask, event loops included. Conventions are immutable and must not block.
 *
 * @see OtelConvention
 * @see LinkerdConvention
 */
public interface HttpConvention {

    /**
     * Whether requests of clients are told apart by their routes.
     *
     * @return false when {@link HttpTarget.Server#route} is of no interest
     */
    default boolean isByRoute() {
        return true;
    }

    /**
     * Whether requests of clients are told apart by {@link #serverLabels}.
     *
     * @return false, unless the convention has such labels; then each exchange costs a look-up in a map
     */
    default boolean hasServerLabels() {
        return false;
    }

    /**
     * What else is to be known of an exchange of a client, by what it says itself. The number of different answers is
     * {@linkplain HttpMetricsSettings#targets bounded}, and those beyond count as {@link HttpTarget#OTHER}.
     *
     * @param exchange the exchange as it came in
     * @return keys and values, the same keys for all exchanges; only asked when {@link #hasServerLabels}
     */
    default Map<String, String> serverLabels(HttpExchange exchange) {
        return Map.of();
    }

    /**
     * What counts when a request is seen: before its body is read and its route is known.
     *
     * @param target a {@link HttpTarget.Server}, {@link HttpTarget.Client}, {@link HttpTarget.Calls}, {@link HttpTarget.Attempts} or
     *     {@link HttpTarget.Control}
     * @param request what is told apart of it
     * @return {@link HttpSeries.Count} and {@link HttpSeries.Level}
     */
    List<HttpSeries> requests(HttpTarget target, HttpRequestTraits request);

    /**
     * What is recorded when a request is over, however it has ended.
     *
     * @param target as for {@link #requests}
     * @param request what is told apart of the request
     * @param reply what is told apart of its end
     * @return {@link HttpSeries.Count} and {@link HttpSeries.Histogram}
     */
    List<HttpSeries> replies(HttpTarget target, HttpRequestTraits request, HttpReplyTraits reply);

    /**
     * What counts when a failed attempt of a route could be tried again.
     *
     * @param route whose attempts they are
     * @param skipped why it was not, or null when it was
     * @return series
     */
    default List<HttpSeries.Count> retries(HttpTarget.Calls route, @Nullable Skipped skipped) {
        return List.of();
    }

    /**
     * What counts when a connection is opened.
     *
     * @param connections which ones
     * @return {@link HttpSeries.Count} and {@link HttpSeries.Level}
     */
    default List<HttpSeries> opened(HttpTarget.Connections connections) {
        return List.of();
    }

    /**
     * What is recorded when a connection is closed.
     *
     * @param connections which ones
     * @param error why, in a word of few, or null when it was closed properly
     * @return {@link HttpSeries.Count} and {@link HttpSeries.Histogram} of {@link HttpSeries.Figure#DURATION}
     */
    default List<HttpSeries> closed(HttpTarget.Connections connections, @Nullable String error) {
        return List.of();
    }

    /**
     * What counts bytes that come from the network.
     *
     * @param connections which ones
     * @return series
     */
    default List<HttpSeries.Count> read(HttpTarget.Connections connections) {
        return List.of();
    }

    /**
     * What counts bytes that go to the network.
     *
     * @param connections which ones
     * @return series
     */
    default List<HttpSeries.Count> written(HttpTarget.Connections connections) {
        return List.of();
    }
}
