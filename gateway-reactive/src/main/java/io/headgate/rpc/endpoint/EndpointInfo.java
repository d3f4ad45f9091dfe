package io.headgate.rpc.endpoint;

import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The signature of an endpoint, for people and for clients that do not have its interface.
 *
 * <p>Values travel as one element: the value itself when there is one, a JSON array when there are several. In front of a
 * stream they are its first element; in front of a stream of {@link Content#OCTETS}, which has no elements, they are the
 * field {@code headgate-values} of the metadata instead.
 *
 * @param name the name of the endpoint
 * @param shape which side streams
 * @param request the content of requests
 * @param parameters what travels to the handler, in the order of the method
 * @param reply the content of replies
 * @param result the type of the result, or of its elements: {@code List<Entry>}; {@code Void} for none
 */
public record EndpointInfo(
        String name, Shape shape, Content request, List<Parameter> parameters, Content reply, String result) {

    /** Which side of a call streams. */
    public enum Shape {
        /** Neither. */
        UNARY,
        /** The caller. */
        CLIENT_STREAM,
        /** The handler. */
        SERVER_STREAM,
        /** Both. */
        BOTH_STREAM
    }

    /**
     * A parameter of an endpoint.
     *
     * @param name as in the source if that was compiled with {@code -parameters}, else {@code arg0}, {@code arg1} and so on
     * @param type of the value, or of the elements of the stream
     * @param stream whether it is a stream
     */
    public record Parameter(String name, String type, boolean stream) {

        @Override
        public String toString() {
            return name + ": " + (stream ? "Flux<" + type + '>' : type);
        }
    }

    /** Copies the list. */
    public EndpointInfo {
        parameters = List.copyOf(parameters);
    }

    /**
     * The metadata of a call that streams octets, for a client that has the values of the call as text.
     *
     * @param json the value, or an array of the values when there are several
     * @return the field {@code headgate-values}, which is of ASCII only: what is not is escaped
     * @throws IllegalArgumentException when that is longer than 16,384 characters
     */
    public static Fields besideOctets(String json) {
        String text = ValueField.ascii(json);
        if (text.length() > ValueField.MAX_CHARS) {
            throw new IllegalArgumentException("values: " + ValueField.tooLong(text));
        }
        return Fields.of(ValueField.NAME, text);
    }

    /** The signature on one line: {@code Files/list(path: String): Flux<Entry>}. */
    @Override
    public String toString() {
        boolean flux = shape == Shape.SERVER_STREAM || shape == Shape.BOTH_STREAM;
        return name
                + parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"))
                + (flux ? ": Flux<" : ": Mono<")
                + result
                + '>';
    }
}
