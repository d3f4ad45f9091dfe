package io.headgate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Key;
import io.headgate.Trait;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

class MessagesTest {

    private final RequestHead get = RequestHead.of("GET", "example.org:8080", "/a/b?x=1?y");

    @Test
    void requestHeadSplitsItsTargetAtTheFirstQuestionMark() {
        assertThat(get.path()).isEqualTo("/a/b");
        assertThat(get.query()).isEqualTo("x=1?y");
        assertThat(get.withTarget("*").path()).isEqualTo("*");
        assertThat(get.withTarget("/a").query()).isEmpty();
        assertThat(get.scheme()).isEqualTo("http");
    }

    @Test
    void requestHeadCopiesChangeOneThing() {
        Fields fields = Fields.of("a", "1");

        assertThat(get.withMethod("PUT")).isEqualTo(RequestHead.of("PUT", "example.org:8080", "/a/b?x=1?y"));
        assertThat(get.withAuthority("b").authority()).isEqualTo("b");
        assertThat(get.withTarget("/c")).isEqualTo(RequestHead.of("GET", "example.org:8080", "/c"));
        assertThat(get.withFields(fields).fields()).isSameAs(fields);
        assertThatNullPointerException()
                .isThrownBy(() -> RequestHead.of("GET", null, "/"))
                .withMessage("authority");
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc, true",
        "application/grpc+proto, true",
        "application/grpc;charset=utf-8, true",
        "Application/GRPC ; x=y, true",
        "application/grpc-web, false",
        "application/grpcx, false",
        "application/json, false",
        "application, false"
    })
    void grpcIsToldByItsContentType(String contentType, boolean grpc) {
        assertThat(get.withFields(Fields.of("Content-Type", contentType)).isGrpc())
                .isEqualTo(grpc);
        assertThat(get.withFields(Fields.of("content-type", AsciiString.of(contentType)))
                        .isGrpc())
                .isEqualTo(grpc);
        assertThat(get.isGrpc()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 99, 600})
    void replyHeadRefusesWhatIsNoStatus(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReplyHead(status, Fields.empty()))
                .withMessage("status: " + status + " (expected: 100..599)");
    }

    @Test
    void headsBelow200AreInterimExceptTheUpgrade() {
        assertThat(ReplyHead.CONTINUE.isInterim()).isTrue();
        assertThat(new ReplyHead(199, Fields.empty()).isInterim()).isTrue();
        assertThat(new ReplyHead(101, Fields.empty()).isInterim()).isFalse();
        assertThat(new ReplyHead(200, Fields.empty()).isInterim()).isFalse();
    }

    @Test
    void replyRefusesAnInterimHead() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpReply.of(103))
                .withMessage("status: 103 (expected: a final status; interim heads go to HttpExchange.interim)");
        assertThat(HttpReply.of(101).status()).isEqualTo(101);
    }

    @Test
    void replyOfTextSaysWhatItIs() {
        HttpReply reply = HttpReply.text(404, "n\u00f6");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.fields()).isEqualTo(Fields.of("content-type", "text/plain; charset=utf-8"));
        assertThat(reply.body().length()).isEqualTo(3);
        StepVerifier.create(reply.body().asString(3)).expectNext("n\u00f6").verifyComplete();
    }

    @Test
    void replyCopiesShareTheBodyAndDiscardIt() {
        ByteBuf buffer = Unpooled.buffer().writeByte(1);
        HttpReply reply = HttpReply.of(200, Fields.empty(), Body.of(buffer));
        HttpReply copy = reply.withFields(Fields.of("a", "1"));

        assertThat(copy.body()).isSameAs(reply.body());
        assertThat(copy.withBody(Body.empty()).head()).isSameAs(copy.head());
        assertThat(buffer.refCnt()).isOne();
        copy.discard();
        reply.discard();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void exchangeOfThisProcessHasNoConnectionAndNoDeadline() {
        HttpExchange exchange = HttpExchange.of(get, Body.empty());
        exchange.interim().accept(ReplyHead.CONTINUE);

        assertThat(exchange.connection()).isSameAs(ConnectionInfo.NONE);
        assertThat(exchange.connection().remoteAddress()).isNull();
        assertThat(exchange.connection().localAddress()).isNull();
        assertThat(exchange.connection().isSecure()).isFalse();
        assertThat(exchange.connection().version()).hasToString("HTTP/1.1");
        assertThat(exchange.deadline()).isSameAs(Deadline.NONE);
        assertThat(exchange.attributes()).isSameAs(Attributes.EMPTY);
        assertThat(exchange).hasToString("GET http://example.org:8080/a/b?x=1?y");
    }

    @Test
    void exchangeCopiesChangeOneThingAndShareTheRest() {
        Key<String> key = Key.of("tenant");
        List<ReplyHead> interim = new ArrayList<>();
        Body body = Body.utf8("x");
        RequestHead head = get.withMethod("POST");
        HttpExchange changed = HttpExchange.of(get, Body.empty())
                .withBody(body)
                .withAttribute(key, "blue")
                .withInterim(interim::add)
                .withHead(head);
        changed.interim().accept(ReplyHead.CONTINUE);

        assertThat(changed.head()).isSameAs(head);
        assertThat(changed.body()).isSameAs(body);
        assertThat(changed.attributes().get(key)).isEqualTo("blue");
        assertThat(changed.connection()).isSameAs(ConnectionInfo.NONE);
        assertThat(interim).containsExactly(ReplyHead.CONTINUE);
        body.discard();
    }

    @Test
    void exchangeKeepsTheEarlierDeadline() {
        Deadline soon = Deadline.after(Duration.ofSeconds(1));
        Deadline later = Deadline.after(Duration.ofSeconds(9));
        HttpExchange exchange = HttpExchange.of(get, Body.empty()).withDeadline(soon);

        assertThat(exchange.deadline()).isSameAs(soon);
        assertThat(exchange.withDeadline(later)).isSameAs(exchange);
        assertThat(exchange.withDeadline(Deadline.NONE)).isSameAs(exchange);
    }

    @Test
    void aBodyThatIsTooLargeIsTheFaultOfTheClient() {
        BodyTooLargeException refusal = new BodyTooLargeException(10);

        assertThat(refusal.status()).isEqualTo(413);
        assertThat(refusal.traits()).containsExactly(Trait.CLIENT_FAULT);
        assertThat(refusal.getStackTrace()).isEmpty();
    }
}
