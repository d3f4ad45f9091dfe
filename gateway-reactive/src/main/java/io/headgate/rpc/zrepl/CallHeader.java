package io.headgate.rpc.zrepl;

import java.util.Objects;

/**
 * The header of a request or of a reply: on the wire a JSON object of exactly these five fields and a newline.
 *
 * @param endpoint what is called; empty in a reply
 * @param dataType what the data message holds that follows: 1 nothing, and there is none; 2 control, and there is none;
 *     3 JSON; 4 octets; 0 in a reply that is an error
 * @param accept what the caller takes in reply, by the same numbers; 0 in a reply
 * @param error 0 in a request; in a reply 1 for success, 2 the request is wrong, 3 the server cannot answer, 4 the handler failed
 * @param errorMessage empty unless the reply is an error
 */
public record CallHeader(String endpoint, int dataType, int accept, long error, String errorMessage) {

    /** No data message follows. */
    public static final int NONE = 1;
    /** A control message; no data message follows. */
    public static final int CONTROL = 2;
    /** A data message of one JSON document follows. */
    public static final int JSON = 3;
    /** A data message of octets follows. */
    public static final int OCTETS = 4;

    /** The call was answered. */
    public static final int OK = 1;
    /** The request is wrong, or there is no such endpoint. */
    public static final int REQUEST_ERROR = 2;
    /** The server cannot say what the answer is. */
    public static final int SERVER_ERROR = 3;
    /** The handler failed. */
    public static final int ERROR = 4;

    /** The name of the control endpoint that says goodbye. */
    static final String CLOSE = "Close";

    /** Checks that nothing is missing. */
    public CallHeader {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(errorMessage, "errorMessage");
    }

    /**
     * The header of a request.
     *
     * @param endpoint what is called
     * @param dataType what the body is made of
     * @param accept what is taken in reply
     * @return the header
     */
    public static CallHeader request(String endpoint, int dataType, int accept) {
        return new CallHeader(endpoint, dataType, accept, 0, "");
    }

    /**
     * The header of a reply.
     *
     * @param dataType what the body is made of
     * @return the header
     */
    public static CallHeader reply(int dataType) {
        return new CallHeader("", dataType, 0, OK, "");
    }

    /**
     * The header of a reply that is an error.
     *
     * @param error 2, 3 or 4
     * @param errorMessage why; cut on the wire when the header would exceed 4 KiB
     * @return the header
     */
    public static CallHeader failure(int error, String errorMessage) {
        return new CallHeader("", 0, 0, error, errorMessage);
    }

    /** Whether a data message follows when this is a reply. */
    boolean replyHasData() {
        return error == OK && hasData();
    }

    /** Whether a data message follows when this is a request. */
    boolean hasData() {
        return dataType == JSON || dataType == OCTETS;
    }
}
