package io.headgate.function.api;

import io.headgate.function.async.CallResult;
import io.headgate.function.async.CallStore;
import io.headgate.function.http.ErrorReplies;
import io.headgate.function.http.JsonReplies;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.PageRequest;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** {@code /v2/fns/{fn_id}/calls}: what became of asynchronous calls. */
final class CallResource {

    private static final String CALLS = "/v2/fns/{fn_id}/calls";
    private static final String CALL = CALLS + "/{call_id}";
    private static final String JSON = "application/json";
    private static final String PLAIN = "text/plain";
    private static final byte[] NOTHING = {};

    /** What is of a connection, and what a function must not set for who looks at its result. */
    private static final List<String> NOT_PASSED = List.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "cache-control",
            "set-cookie");

    private final FunctionStore store;
    private final CallStore calls;
    private final Clock clock;

    CallResource(FunctionStore store, CallStore calls, Clock clock) {
        this.store = store;
        this.calls = calls;
        this.clock = clock;
    }

    void addTo(ApiRoutes.Builder routes) {
        add(routes, this::list, this::get, this::cancel, this::revive, this::result, this::log);
    }

    /** The same paths where calls are not kept: 410, as Fn answers there. */
    static void addGoneTo(ApiRoutes.Builder routes) {
        ApiEndpoint gone = request ->
                Mono.error(new RefusedException(410, "calls: not kept (expected: a server with asynchronous calls)"));
        add(routes, gone, gone, gone, gone, gone, gone);
    }

    private static void add(
            ApiRoutes.Builder routes,
            ApiEndpoint list,
            ApiEndpoint get,
            ApiEndpoint cancel,
            ApiEndpoint revive,
            ApiEndpoint result,
            ApiEndpoint log) {
        routes.add("GET", CALLS, list)
                .add("GET", CALL, get)
                .add("DELETE", CALL, cancel)
                .add("POST", CALL + "/revive", revive)
                .add("GET", CALL + "/result", result)
                .add("GET", CALL + "/log", log);
    }

    private Mono<HttpReply> get(ApiRequest request) {
        return record(request).map(CallResource::reply);
    }

    private Mono<HttpReply> list(ApiRequest request) {
        CallStore.Filter filter = new CallStore.Filter(
                fnId(request),
                status(request.query("status")),
                QueryReader.time(request, "from_time"),
                QueryReader.time(request, "to_time"));
        PageRequest part = QueryReader.page(request);
        return calls.calls(filter, part.after(), part.size())
                .flatMap(
                        page -> page.items().isEmpty() ? store.fn(fnId(request)).thenReturn(page) : Mono.just(page))
                .map(page -> EntityWriter.reply(page, EntityWriter::call));
    }

    private Mono<CallRecord> record(ApiRequest request) {
        return orNoFn(request, calls.call(fnId(request), callId(request)));
    }

    private Mono<HttpReply> cancel(ApiRequest request) {
        return orNoFn(request, calls.cancel(fnId(request), callId(request), clock.instant()))
                .flatMap(done -> done ? Mono.just(HttpReply.of(204)) : refused(request, "queued"));
    }

    private Mono<HttpReply> revive(ApiRequest request) {
        return store.fn(fnId(request)) // without it the call would fail again
                .then(Mono.defer(() -> calls.revive(fnId(request), callId(request), clock.instant())))
                .flatMap(done -> done
                        ? calls.call(fnId(request), callId(request)).map(CallResource::reply)
                        : refused(request, "error or timeout"));
    }

    private Mono<HttpReply> refused(ApiRequest request, String expected) {
        return calls.call(fnId(request), callId(request))
                .flatMap(call -> Mono.error(new FunctionException(
                        ErrorKind.CONFLICT, "status: " + name(call.status()) + " (expected: " + expected + ")")));
    }

    private Mono<HttpReply> result(ApiRequest request) {
        return record(request)
                .flatMap(call -> calls.result(call.fnId(), call.id())
                        .map(result -> reply(call, result))
                        .switchIfEmpty(Mono.error(() -> noResult(call))));
    }

    private Mono<HttpReply> log(ApiRequest request) {
        String type = MediaChoice.of(request.exchange().head().fields().all("accept"), JSON, PLAIN);
        return record(request)
                .flatMap(call -> calls.log(call.fnId(), call.id())
                        .defaultIfEmpty(NOTHING)
                        .map(log -> type.equals(JSON) ? wrapped(call, log) : plain(log)));
    }

    /** Calls outlive their function. But a function that is not there is told before a call that is not there. */
    private <T> Mono<T> orNoFn(ApiRequest request, Mono<T> ofCall) {
        return ofCall.onErrorResume(
                FunctionException.class, error -> store.fn(fnId(request)).then(Mono.error(error)));
    }

    private static HttpReply reply(CallRecord call) {
        return EntityWriter.reply(EntityWriter.call(call));
    }

    /** What a caller would have been answered who had waited; a page that a function made gets no rights of the API. */
    private static HttpReply reply(CallRecord call, CallResult result) {
        Fields.Builder fields = result.fields().toBuilder();
        NOT_PASSED.forEach(fields::remove);
        fields.set(ErrorReplies.CALL_ID, call.id())
                .set("content-security-policy", "sandbox")
                .set("x-content-type-options", "nosniff");
        return HttpReply.of(result.status(), fields.build(), Body.of(Unpooled.wrappedBuffer(result.body())));
    }

    private static HttpReply wrapped(CallRecord call, byte[] log) {
        String text = new String(log, StandardCharsets.UTF_8); // what is not UTF-8 shows as U+FFFD
        String json = "{\"call_id\":" + JsonReplies.quoted(call.id()) + ",\"log\":" + JsonReplies.quoted(text) + "}";
        return varied(JsonReplies.of(200, json));
    }

    private static HttpReply plain(byte[] log) {
        Fields fields = Fields.of("content-type", "text/plain; charset=utf-8", "x-content-type-options", "nosniff");
        return varied(HttpReply.of(200, fields, Body.of(Unpooled.wrappedBuffer(log))));
    }

    private static HttpReply varied(HttpReply reply) {
        return reply.withFields(reply.fields().with("vary", "accept"));
    }

    private static FunctionException noResult(CallRecord call) {
        String expected = call.status().isEnded() ? "a call that has one" : "a call that has ended";
        return new FunctionException(
                ErrorKind.NOT_FOUND,
                "result: none, the call is " + name(call.status()) + " (expected: " + expected + ")");
    }

    private static @Nullable CallStatus status(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return Arrays.stream(CallStatus.values())
                .filter(status -> name(status).equals(text))
                .findAny()
                .orElseThrow(() -> new FunctionException(
                        ErrorKind.INVALID,
                        "status: " + Shown.text(text) + " (expected: one of "
                                + Arrays.stream(CallStatus.values())
                                        .map(CallResource::name)
                                        .toList()
                                + ")"));
    }

    private static String name(CallStatus status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private static String fnId(ApiRequest request) {
        return request.parameter("fn_id");
    }

    private static String callId(ApiRequest request) {
        return request.parameter("call_id");
    }
}
