package io.headgate.function.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ErrorRepliesTest {

    private static final RequestHead HEAD = RequestHead.of("POST", "test.headgate.io", "/v2/apps?secret=1");

    private final Logger logger = (Logger) LoggerFactory.getLogger(ErrorReplies.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Level before = logger.getLevel();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(logged);
        logger.setLevel(before);
        logger.setAdditive(true);
    }

    private static JsonNode json(HttpReply reply) {
        return JsonMapper.shared().readTree(reply.body().asString(10_000).block());
    }

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void aKnownFailureShowsItsStatusAndMessageAndNotItsCause(ErrorKind kind) {
        HttpReply reply = ErrorReplies.of(
                new FunctionException(kind, "what: \"a\" (expected: b)", new IllegalStateException("hidden")), HEAD);

        assertThat(reply.status()).isEqualTo(kind.status());
        assertThat(reply.fields().get("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(reply.fields().contains("fn-call-id")).isFalse();
        assertThat(json(reply).toString()).isEqualTo("{\"message\":\"what: \\\"a\\\" (expected: b)\"}");
    }

    @Test
    void anUnknownFailureIsMaskedAndTheLogHasTheRestUnderItsId() {
        HttpReply reply = ErrorReplies.of(new IllegalStateException("password: 1234"), HEAD, "CALL");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.fields().get("fn-call-id")).isEqualTo("CALL");
        JsonNode json = json(reply);
        assertThat(json.get("message").stringValue()).isEqualTo("internal error");
        ILoggingEvent event = logged.list.get(0);
        assertThat(event.getLevel()).isEqualTo(Level.ERROR);
        assertThat(event.getFormattedMessage())
                .contains(json.get("id").stringValue(), "CALL", "/v2/apps")
                .doesNotContain("secret");
        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("password: 1234");
    }

    @Test
    void fieldsOfTheFailureAreSent() {
        HttpReply busy = ErrorReplies.of(
                new FunctionException(ErrorKind.BUSY, "busy", null, Duration.ofMillis(1500)), HEAD, "CALL");
        HttpReply method = ErrorReplies.of(new MethodNotAllowedException("PUT", List.of("GET", "POST")), HEAD);

        assertThat(busy.status()).isEqualTo(503);
        assertThat(busy.fields().get("retry-after")).isEqualTo("2");
        assertThat(busy.fields().get("fn-call-id")).isEqualTo("CALL");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.fields().get("allow")).isEqualTo("GET, POST");
    }

    @Test
    void refusalsUnderLoadAreNoNews() {
        ErrorReplies.of(new FunctionException(ErrorKind.BUSY, "busy"), HEAD);
        ErrorReplies.of(new RefusedException(403, "no"), HEAD);
        ErrorReplies.of(new FunctionException(ErrorKind.FUNCTION_FAILED, "failed"), HEAD);

        assertThat(logged.list)
                .extracting(ILoggingEvent::getLevel)
                .containsExactly(Level.DEBUG, Level.DEBUG, Level.WARN);
    }

    @Test
    void messagesOfAnyTextAreJson() {
        String text = "\u0000\n\"\\\u007f \ud83d\ude00 \ud83d \ude00";

        HttpReply reply = ErrorReplies.of(new FunctionException(ErrorKind.INVALID, text), HEAD);

        assertThat(json(reply).get("message").stringValue()).isEqualTo(text);
    }
}
