package io.headgate.function.api;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.function.model.App;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients of the API that ask for anything. Requests are behind each other, with a zero byte between them: a digit for the method, the target
 * to the end of the line, the body. {@code @a @f @t @c} stand for the ids of an application, a function, a trigger and a call that there are.
 */
class FunctionsApiFuzzTest {

    private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "X"};
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final ListAppender<ILoggingEvent> ERRORS = new ListAppender<>();

    static {
        ERRORS.start();
        ((Logger) LoggerFactory.getLogger("io.headgate.function")).addAppender(ERRORS);
    }

    @FuzzTest
    void clientsAsk(byte[] input) {
        CallRig rig = new CallRig();
        String trigger = rig.store
                .createTrigger(Trigger.of(rig.appId, rig.fnId, "t", "/t"))
                .block(LONG)
                .id();
        rig.store.createApp(App.named("other")).block(LONG);
        rig.store.createFn(Fn.of(rig.appId, "other", "image")).block(LONG);
        rig.queued("C1", 0);
        rig.ended(rig.leased(1), 2, CallStatus.SUCCESS, CallRig.result(200, Fields.of("x-a", "1"), "out"), "log");
        rig.queued("C2", 3);
        ERRORS.list.clear();
        String text = new String(input, StandardCharsets.ISO_8859_1)
                .replace("@a", rig.appId)
                .replace("@f", rig.fnId)
                .replace("@t", trigger)
                .replace("@c", "C1");
        for (String request : text.split("\0", 8)) {
            ask(rig, request);
        }
    }

    private static void ask(CallRig rig, String request) {
        int line = request.indexOf('\n');
        if (line < 2) {
            return;
        }
        String method = METHODS[Math.floorMod(request.charAt(0) - '0', METHODS.length)];
        String target = visible(request.substring(1, line));
        String json = request.substring(line + 1);
        Fields fields = Fields.of("accept", json.startsWith(" ") ? visible(json) : "*/*");
        ByteBuf payload = Unpooled.wrappedBuffer(json.getBytes(StandardCharsets.ISO_8859_1));
        HttpExchange exchange =
                HttpExchange.of(head(method, target, fields), json.isEmpty() ? Body.empty() : Body.of(payload));
        HttpReply reply = rig.client.api().call(exchange).block(LONG);
        String answer = reply.body().asString(1 << 22).block(LONG);
        exchange.body().discard(); // as the connection does
        check(method + " " + target, reply, answer);
        if (payload.refCnt() != 0 && !json.isEmpty()) {
            throw new AssertionError(method + " " + target + ": the body is left (expected: released)");
        }
    }

    /** What a front lets through. */
    private static String visible(String text) {
        return text.strip().replaceAll("[^!-~]", "_");
    }

    /** Of the root where a front would not let the target through. */
    private static RequestHead head(String method, String target, Fields fields) {
        try {
            return new RequestHead(method, "http", ApiClient.AUTHORITY, target, fields);
        } catch (IllegalArgumentException e) {
            return new RequestHead(method, "http", ApiClient.AUTHORITY, "/", fields);
        }
    }

    private static void check(String request, HttpReply reply, String answer) {
        if (reply.status() < 200 || reply.status() >= 500 || !ERRORS.list.isEmpty()) {
            throw new AssertionError(request + ": " + reply.status() + " " + answer + " " + ERRORS.list);
        }
        CharSequence type = reply.fields().get("content-type");
        if (type != null && type.toString().startsWith("application/json") && !answer.isEmpty()) {
            JsonMapper.shared().readTree(answer);
        } else if (reply.status() >= 400 && !request.startsWith("HEAD")) {
            throw new AssertionError(request + ": " + reply.status() + " " + type + " (expected: an error in JSON)");
        }
    }
}
