package io.headgate.tracing;

/** What spans say: names of OpenTelemetry, and {@code gateway.} for what has none. */
final class Keys {

    static final String METHOD = "http.request.method";
    static final String METHOD_ORIGINAL = "http.request.method_original";
    static final String RESEND_COUNT = "http.request.resend_count";
    static final String STATUS = "http.response.status_code";
    static final String ROUTE = "http.route";
    static final String ERROR = "error.type";
    static final String SCHEME = "url.scheme";
    static final String PATH = "url.path";
    static final String QUERY = "url.query";
    static final String FULL = "url.full";
    static final String VERSION = "network.protocol.version";
    static final String SERVER_ADDRESS = "server.address";
    static final String SERVER_PORT = "server.port";
    static final String CLIENT_ADDRESS = "client.address";
    static final String USER_AGENT = "user_agent.original";
    static final String RPC_SYSTEM = "rpc.system.name";
    static final String RPC_STATUS = "rpc.response.status_code";
    static final String OUTCOME = "gateway.outcome";
    static final String ROUTE_NAME = "gateway.route";
    static final String REQUEST_ID = "gateway.request_id";

    private Keys() {}
}
