package io.headgate.mux;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A body with its end.
 *
 * @param bytes what came
 * @param trailers what followed
 * @param ending how it ended
 * @param code of RST_STREAM or GOAWAY, or -1
 */
record Content(byte[] bytes, List<Msg.Field> trailers, Ending ending, long code) {

    /** How a body ends. */
    enum Ending {
        CLEAN,
        /** By RST_STREAM. */
        RESET,
        /** With the connection, where that is no proper end. */
        CLOSED
    }

    String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    boolean isClean() {
        return ending == Ending.CLEAN;
    }

    String trailer(String name) {
        return trailers.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Msg.Field::value)
                .findFirst()
                .orElse(null);
    }

    @Override
    public String toString() {
        return ending + " " + code + " after " + bytes.length + " bytes, trailers " + trailers;
    }
}
