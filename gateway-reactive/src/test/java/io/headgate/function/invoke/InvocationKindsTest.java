package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.ListenedStore;
import io.headgate.function.store.StoreListener;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedBody;
import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Bodies that stream, and callers that do not wait. */
class InvocationKindsTest extends InvocationsTestBase {

    // ---- bodies

    @Test
    void bodiesPassAsTheyComeWhenTheFunctionWantsThat() {
        Fn streaming = annotated("headgate.io/stream", "true");
        ScriptedBody up = ScriptedBody.create();
        ScriptedBody down = ScriptedBody.create();
        script.output = down;
        script.reads = false;
        RequestHead head = RequestHead.of("POST", "a", "/invoke/" + streaming.id());
        HttpReply reply = service(InvocationSettings.DEFAULTS)
                .call(HttpExchange.of(head, up))
                .block(LONG);

        assertThat(script.last().payload()).isSameAs(up);
        assertThat(reply.body()).isSameAs(down);
        assertThat(up.subscriptions()).isZero();
        up.discard();
        down.discard();
    }

    @Test
    void theClientIsAskedForABodyThatItHoldsBack() {
        List<ReplyHead> interim = new ArrayList<>();
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("expect", "100-continue"));
        HttpExchange exchange =
                HttpExchange.of(head, Body.of(allocator.utf8("in"))).withInterim(interim::add);
        text(service(InvocationSettings.DEFAULTS).call(exchange).block(LONG));
        assertThat(interim).containsExactly(ReplyHead.CONTINUE);
        assertThat(script.fields().contains("expect")).isFalse();
        assertThat(exchange.connection()).isSameAs(ConnectionInfo.NONE);
    }

    // ---- callers that do not wait

    @Test
    void aDetachedCallIsAnsweredWhenItIsAboutToBeSent() {
        Sinks.Empty<Void> start = Sinks.empty();
        ScriptedBody output = ScriptedBody.create();
        script.output = output;
        script.start = start;
        AtomicReference<@Nullable HttpReply> answer = new AtomicReference<>();
        HttpExchange exchange = detached();
        Disposable client = service(InvocationSettings.DEFAULTS).call(exchange).subscribe(answer::set);
        assertThat(answer.get()).isNull();

        start.tryEmitEmpty();
        assertThat(answer.get().status()).isEqualTo(202);
        assertThat(answer.get().body().isEmpty()).isTrue();
        assertThat(answer.get().fields()).isEqualTo(Fields.of("Fn-Call-Id", script.id()));
        client.dispose();
        assertThat(script.last().type()).isEqualTo(CallType.DETACHED);
        output.emit(allocator.utf8("dropped")).complete();
        assertThat(output.end()).isEqualTo(ScriptedBody.End.COMPLETED);
    }

    private HttpExchange detached() {
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("fn-invoke-type", "detached"));
        return HttpExchange.of(head, Body.of(allocator.utf8("in")));
    }

    @Test
    void aDetachedCallThatCannotStartSaysSo() {
        script.failure = new FunctionException(ErrorKind.BUSY, "full");
        isError(service(InvocationSettings.DEFAULTS).call(detached()).block(LONG), 503);
    }

    @Test
    void aDetachedCallIsGivenUpWhenItsCallerLeavesBeforeTheStart() {
        script.start = Sinks.empty();
        Disposable client =
                service(InvocationSettings.DEFAULTS).call(detached()).subscribe();
        client.dispose();
        assertThat(script.cancels).isOne();
        script.last().payload().discard();
    }

    @Test
    void anAsynchronousCallIsRecordedBeforeItIsAnswered() {
        HttpReply reply = direct(Fields.of("Fn-Invoke-Type", "async"), "in");
        assertThat(reply.status()).isEqualTo(202);
        assertThat(recorded).hasSize(1);
        String id = recorded.get(0).id();
        assertThat(recorded.get(0).type()).isEqualTo(CallType.ASYNC);
        assertThat(reply.fields().get("fn-call-id")).isEqualTo(id);
        assertThat(text(reply)).isEqualTo("{\"call_id\":\"" + id + "\"}");
        assertThat(script.calls).isEmpty();
    }

    @Test
    void aFunctionMayWantToBeCalledAsynchronouslyAndADirectCallerDecidesOtherwise() {
        Fn later = annotated("headgate.io/async", "true");
        assertThat(call("POST", "/invoke/" + later.id(), Fields.empty(), "in").status())
                .isEqualTo(202);
        assertThat(recorded).hasSize(1);
        HttpReply now = call("POST", "/invoke/" + later.id(), Fields.of("fn-invoke-type", "sync"), "in");
        assertThat(text(now)).isEqualTo("out");
    }

    @Test
    void clientsOfTriggersHaveNoSay() {
        trigger("/orders");
        assertThat(text(call("POST", "/t/shop/orders", Fields.of("fn-invoke-type", "async"), "in")))
                .isEqualTo("out");
        assertThat(recorded).isEmpty();
    }

    @Test
    void otherWaysOfCallingAreRefused() {
        isError(direct(Fields.of("fn-invoke-type", "later"), "in"), 400);
        Invocations without = Invocations.builder(Catalog.of(store), script).build();
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("fn-invoke-type", "async"));
        isError(
                without.call(HttpExchange.of(head, Body.of(allocator.utf8("in"))))
                        .block(LONG),
                501);
    }

    @Test
    void aCallGoesOnWhereItsRequestCameInThoughItsFunctionHadToBeRead() throws Exception {
        Sinks.Empty<Void> read = Sinks.empty();
        FunctionStore slow = ListenedStore.of(store, List.of(new StoreListener() {
            @Override
            public Mono<Void> afterAppGet(App found) {
                return read.asMono();
            }
        }));
        DefaultEventLoop loop = new DefaultEventLoop();
        CompletableFuture<Boolean> isThere = new CompletableFuture<>();
        Invocations service = Invocations.builder(Catalog.of(slow), invocation -> {
                    isThere.complete(loop.inEventLoop());
                    return Mono.just(new InvocationReply(Fields.empty(), Body.empty()));
                })
                .build();
        RequestHead head = RequestHead.of("POST", "shop.example", "/invoke/" + fn.id());
        loop.submit(() -> service.call(HttpExchange.of(head, Body.empty())).subscribe())
                .sync();
        read.tryEmitEmpty();

        assertThat(isThere).succeedsWithin(LONG).isEqualTo(true);
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
}
