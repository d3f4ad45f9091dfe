package io.headgate.admin.internal;

import java.util.Map;
import reactor.core.publisher.Flux;

/** What a resource answers. */
public sealed interface Answer {

    /**
     * Something that is there as a whole.
     *
     * @param status of HTTP
     * @param type the media type
     * @param body the bytes; taken
     * @param headers further ones
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(int status, String type, byte[] body, Map<String, String> headers) implements Answer {}

    /**
     * Something that goes on, as server-sent events.
     *
     * @param status of HTTP
     * @param events is subscribed when the head has been sent, asked for an event at a time, and cancelled when the client is gone
     */
    record Events(int status, Flux<Event> events) implements Answer {}

    /**
     * One event.
     *
     * @param name its kind
     * @param data becomes JSON
     */
    record Event(String name, Object data) {}

    /** A value as JSON. */
    static Answer json(int status, Object value) {
        return new Content(status, Json.TYPE, Json.bytes(value), Map.of());
    }
}
