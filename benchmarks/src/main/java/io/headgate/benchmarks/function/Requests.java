package io.headgate.benchmarks.function;

/** The requests that are measured, as a client writes them. */
final class Requests {

    private static final String JSON = "{\"name\":\"Fn\"}";

    private Requests() {}

    /** To a trigger of the gateway. */
    static String trigger(String path, boolean withBody) {
        return (withBody ? "POST" : "GET") + " /t/bench/" + path
                + " HTTP/1.1\r\nhost: gateway.example\r\nuser-agent: bench\r\naccept: */*\r\n" + rest(withBody);
    }

    /** Straight to a function. */
    static String bare(boolean withBody) {
        return "POST /call HTTP/1.1\r\nhost: localhost\r\nfn-call-id: 01M8R3A2K4NG8G00GZJ0000001\r\n"
                + "fn-deadline: 2030-01-01T00:00:00Z\r\n" + rest(withBody);
    }

    private static String rest(boolean withBody) {
        return withBody
                ? "content-type: application/json\r\ncontent-length: " + JSON.length() + "\r\n\r\n" + JSON
                : "content-length: 0\r\n\r\n";
    }
}
