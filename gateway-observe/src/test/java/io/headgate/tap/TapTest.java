package io.headgate.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import io.headgate.mux.UpstreamException;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapMatch.Method;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.netty.buffer.ByteBuf;
import io.netty.pkitesting.CertificateBuilder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class TapTest {

    private static final Endpoint ENDPOINT = Endpoint.of("10.1.2.3", 8080).withLabels(Map.of("zone", "a"));

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicLong clock = new AtomicLong(1_000);
    private final Tap tap = Taps.direct(clock);
    private final ScriptedService next = ScriptedService.create();
    private final Service<HttpExchange, HttpReply> service =
            tap.stage(TapPoint.to(ENDPOINT)).wrap(next);

    @AfterEach
    void nothingIsLeft() {
        allocator.assertNoLeaks();
    }

    @Test
    void tellsAnExchangeFromItsBeginningToItsEnd() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withHeaders(TapHeaders.SHOWN));
        HttpExchange exchange = Taps.exchange(
                        new RequestHead("POST", "http", "example.org", "/a?b=c", Fields.of("x-a", "1")),
                        Body.of(allocator.utf8("ping!")),
                        new InetSocketAddress("192.0.2.7", 40_000),
                        null)
                .withAttribute(RouteLabels.KEY, RouteLabels.of(Map.of("route", "r")));
        AtomicReference<HttpReply> reply = new AtomicReference<>();
        service.call(exchange).subscribe(reply::set);
        RequestInit begin = observer.only(RequestInit.class);
        assertThat(begin.path()).isEqualTo("/a");
        assertThat(begin.target()).isEqualTo("/a?b=c");
        assertThat(begin.headers()).isEqualTo(Fields.of("x-a", "1"));
        assertThat(begin.peers())
                .isEqualTo(new TapEvent.Peers(
                        TapPoint.to(ENDPOINT),
                        new InetSocketAddress("192.0.2.7", 40_000),
                        Map.of("tls", "false"),
                        ENDPOINT.address(),
                        Map.of("tls", "false", "zone", "a"),
                        Map.of("route", "r")));

        read(next.onlyCall().exchange().body());
        clock.addAndGet(10);
        ScriptedBody body = next.onlyCall().reply(200, Fields.of("x-r", "2"));
        assertThat(observer.only(ResponseInit.class))
                .isEqualTo(new ResponseInit(begin.id(), begin.peers(), 10, 200, Fields.of("x-r", "2")));
        clock.addAndGet(20);
        read(reply.get().body());
        body.emit(allocator.utf8("po")).emit(allocator.utf8("ng")).complete(Fields.of("x-t", "3"));

        assertThat(observer.only(ResponseEnd.class))
                .isEqualTo(new ResponseEnd(
                        begin.id(), begin.peers(), 30, 20, 5, 4, new End.Complete(), Fields.of("x-t", "3")));
        assertThat(tap.stats()).isEqualTo(new TapStats(1, 0, 1, 3, 0, 0));
        observer.cancel();
        assertThat(tap.stats()).isEqualTo(new TapStats(0, 0, 1, 3, 0, 0));
    }

    @Test
    void failureBeforeTheReplyIsTheOnlyOtherEvent() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        service.call(TestExchange.get("/")).subscribe(reply -> {}, error -> {});
        clock.addAndGet(5);
        next.onlyCall().fail(UpstreamException.reset(8, null));
        ResponseEnd end = observer.only(ResponseEnd.class);

        assertThat(observer.events()).hasSize(2);
        assertThat(end.sinceRequestInit()).isEqualTo(5);
        assertThat(end.sinceResponseInit()).isEqualTo(-1);
        assertThat(end.responseBytes()).isZero();
        assertThat(end.end()).isEqualTo(new End.Failed("h2(CANCEL)", 8));
    }

    @Test
    void failureWithinTheReplySaysWhatHasPassed() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        service.call(TestExchange.get("/")).subscribe(reply -> read(reply.body()));
        next.onlyCall()
                .reply(200, Fields.empty())
                .emit(allocator.utf8("po"))
                .fail(UpstreamException.of(UpstreamException.Failure.TIMEOUT, null));
        ResponseEnd end = observer.only(ResponseEnd.class);

        assertThat(end.responseBytes()).isEqualTo(2);
        assertThat(end.end()).isEqualTo(new End.Failed("timeout", -1));
    }

    @Test
    void cancelIsTheEndWhereverItComes() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        Disposable beforeHead = service.call(TestExchange.get("/")).subscribe();
        beforeHead.dispose();
        AtomicReference<HttpReply> reply = new AtomicReference<>();
        service.call(TestExchange.get("/")).subscribe(reply::set);
        next.calls().get(1).reply(200, Fields.empty());
        reply.get().discard();
        AtomicReference<Disposable> reading = new AtomicReference<>();
        service.call(TestExchange.get("/")).subscribe(third -> reading.set(read(third.body())));
        next.calls().get(2).reply(200, Fields.empty()).emit(allocator.utf8("po"));
        reading.get().dispose();
        AtomicReference<Disposable> late = new AtomicReference<>();
        service.call(TestExchange.get("/")).subscribe(fourth -> late.set(read(fourth.body())));
        next.calls().get(3).reply(200, Fields.empty()).complete();
        late.get().dispose();

        assertThat(observer.events(ResponseEnd.class))
                .extracting(ResponseEnd::end)
                .containsExactly(new End.Cancelled(), new End.Cancelled(), new End.Cancelled(), new End.Complete());
        assertThat(tap.stats().openStreams()).isZero();
    }

    @Test
    void aCallThatThrowsHasAnEnd() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        Service<HttpExchange, HttpReply> broken = tap.stage(TapPoint.INBOUND).wrap(exchange -> {
            throw new IllegalStateException("broken");
        });

        AtomicReference<Throwable> seen = new AtomicReference<>();
        broken.call(TestExchange.get("/")).subscribe(reply -> {}, seen::set);
        assertThat(seen.get()).hasMessage("broken");
        assertThat(observer.only(ResponseEnd.class).end()).isEqualTo(new End.Failed("unclassified", -1));
    }

    @Test
    void grpcStatusIsThatOfTheTrailersOrOfTheHead() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        grpc(Fields.empty(), Fields.of("grpc-status", "5"));
        grpc(Fields.of("grpc-status", "12"), Fields.empty());
        grpc(Fields.empty(), Fields.empty());

        assertThat(observer.events(ResponseEnd.class))
                .extracting(ResponseEnd::end)
                .containsExactly(new End.Grpc(5), new End.Grpc(12), new End.Grpc(2));
    }

    private void grpc(Fields head, Fields trailers) {
        RequestHead request =
                RequestHead.of("POST", "a", "/s/M").withFields(Fields.of("content-type", "application/grpc+proto"));
        service.call(HttpExchange.of(request, Body.empty())).subscribe(reply -> read(reply.body()));
        next.calls().get(next.calls().size() - 1).reply(200, head).complete(trailers);
    }

    @Test
    void bodiesAreShownUpToTheirBound() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withBodyBytes(3));
        service.call(TestExchange.post("/", Body.of(allocator.utf8("ping")))).subscribe(reply -> read(reply.body()));
        read(next.onlyCall().exchange().body());
        ScriptedBody body = next.onlyCall().reply(200, Fields.empty());
        body.emit(allocator.utf8("po")).emit(allocator.utf8("n"));
        List<BodyData> whole = observer.events(BodyData.class);
        body.emit(allocator.utf8("g")).emit(allocator.utf8("!")).complete();

        assertThat(whole).extracting(TapTest::text).containsExactly("request 0 pin cut", "reply 0 po", "reply 2 n");
        assertThat(observer.events(BodyData.class))
                .extracting(TapTest::text)
                .containsExactly("request 0 pin cut", "reply 0 po", "reply 2 n", "reply 3  cut");
        ResponseEnd end = observer.only(ResponseEnd.class);
        assertThat(end.requestBytes()).isEqualTo(4);
        assertThat(end.responseBytes()).isEqualTo(5);
        assertThat(observer.events().get(observer.events().size() - 1)).isSameAs(end);
    }

    private static String text(BodyData data) {
        return (data.ofRequest() ? "request " : "reply ") + data.offset() + " "
                + new String(data.data(), StandardCharsets.UTF_8) + (data.isCut() ? " cut" : "");
    }

    @Test
    void whatAClientSendsAfterTheEndIsNotTold() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withBodyBytes(100));
        ScriptedBody request = ScriptedBody.create();
        Service<HttpExchange, HttpReply> early = tap.stage(TapPoint.INBOUND).wrap(exchange -> {
            read(exchange.body());
            return Mono.just(HttpReply.of(204));
        });
        early.call(TestExchange.post("/", request)).subscribe(HttpReply::discard);
        request.emit(allocator.utf8("late")).complete();

        assertThat(observer.events(BodyData.class)).isEmpty();
        assertThat(observer.only(ResponseEnd.class).end()).isEqualTo(new End.Complete());
    }

    @Test
    void secretsAreRedactedInHeadsAndTrailers() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withHeaders(TapHeaders.SHOWN.alsoRedacting("X-Own")));
        Observer blind = Observer.of(tap, Taps.EVERYTHING);
        RequestHead head = RequestHead.of("GET", "a", "/")
                .withFields(Fields.of("Authorization", "Bearer x", "accept", "*/*", "x-own", "y", "COOKIE", "z"));
        service.call(HttpExchange.of(head, Body.empty())).subscribe(reply -> read(reply.body()));
        next.onlyCall().reply(200, Fields.of("set-cookie", "a=b")).complete(Fields.of("x-own", "c", "x-sum", "1"));

        String hidden = TapHeaders.REDACTED;
        assertThat(observer.only(RequestInit.class).headers())
                .isEqualTo(Fields.of("authorization", hidden, "accept", "*/*", "x-own", hidden, "cookie", hidden));
        assertThat(observer.only(ResponseInit.class).headers()).isEqualTo(Fields.of("set-cookie", hidden));
        assertThat(observer.only(ResponseEnd.class).trailers()).isEqualTo(Fields.of("x-own", hidden, "x-sum", "1"));
        assertThat(blind.only(RequestInit.class).headers()).isEqualTo(Fields.empty());
    }

    @Test
    void completesWhenTheLastExchangeOfItsLimitHasEnded() {
        Observer observer = Observer.of(tap, TapRequest.of(2, TapMatch.EVERYTHING));
        service.call(TestExchange.get("/0")).subscribe();
        service.call(TestExchange.get("/1")).subscribe();
        service.call(TestExchange.get("/2")).subscribe();
        next.calls().get(2).fail(new IllegalStateException());
        next.calls().get(1).reply(HttpReply.of(204));
        assertThat(observer.isCompleted()).isFalse();
        assertThat(tap.observations()).singleElement().satisfies(open -> {
            assertThat(open.taken()).isEqualTo(2);
            assertThat(open.openStreams()).isEqualTo(1);
        });
        next.calls().get(0).reply(HttpReply.of(204));

        assertThat(observer.isCompleted()).isTrue();
        assertThat(observer.streams(RequestInit.class)).containsExactly(0L, 1L);
        assertThat(observer.streams(ResponseEnd.class)).containsExactly(1L, 0L);
        assertThat(tap.observations()).isEmpty();
    }

    @Test
    void basesCountFromARandomOneAndWrap() {
        Tap last = Taps.direct(clock, -1);
        Observer first = Observer.of(last, Taps.EVERYTHING);
        Observer second = Observer.of(last, Taps.EVERYTHING);
        last.stage(TapPoint.INBOUND)
                .wrap(exchange -> Mono.just(HttpReply.of(204)))
                .call(TestExchange.get("/"))
                .subscribe();

        assertThat(first.only(RequestInit.class).id()).hasToString("4294967295:0");
        assertThat(second.only(RequestInit.class).id()).hasToString("0:0");
        clock.addAndGet(7);
        assertThat(last.observations())
                .containsExactly(
                        new TapObservation(-1, Taps.EVERYTHING, Duration.ofNanos(7), 1, 0, 0, 0),
                        new TapObservation(0, Taps.EVERYTHING, Duration.ofNanos(7), 1, 0, 0, 0));
    }

    @Test
    void eachMatchingExchangeHasTheSameChance() {
        Random random = new Random(42);
        Tap sampling = Tap.create(1, Schedulers.immediate(), clock::get, random::nextLong);
        Observer observer = Observer.of(
                sampling, TapRequest.of(1_000_000, new Method("GET")).withProbability(0.1));
        Service<HttpExchange, HttpReply> answer =
                sampling.stage(TapPoint.INBOUND).wrap(exchange -> Mono.just(HttpReply.of(204)));
        List<Integer> taken = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            int before = observer.events(RequestInit.class).size();
            for (int i = 0; i < 10_000; i++) {
                answer.call(TestExchange.get("/")).subscribe();
                answer.call(TestExchange.post("/", Body.empty())).subscribe();
            }
            taken.add(observer.events(RequestInit.class).size() - before);
        }

        assertThat(taken).allSatisfy(count -> assertThat(count).isCloseTo(1_000, within(120))); // four sigma
    }

    @Test
    void noMoreObserveThanMay() {
        Tap small = Tap.create(1);
        Observer first = Observer.of(small, Taps.EVERYTHING);
        Observer second = Observer.of(small, Taps.EVERYTHING);
        assertThat(second.error())
                .isInstanceOf(TooManyObserversException.class)
                .hasMessage("observers: 1 already (expected: fewer, one must leave)");
        first.cancel();
        first.cancel();
        Observer third = Observer.of(small, Taps.EVERYTHING);

        assertThat(third.error()).isNull();
        assertThat(small.stats().observers()).isEqualTo(1);
    }

    @Test
    void whoCancelsAtOnceLeavesNothing() {
        tap.observe(Taps.EVERYTHING).take(0).subscribe();
        tap.observe(Taps.EVERYTHING)
                .doOnSubscribe(subscription -> subscription.cancel())
                .subscribe();

        assertThat(tap.observations()).isEmpty();
        assertThat(service.call(TestExchange.get("/"))).isNotInstanceOf(TappedCall.class);
    }

    @Test
    void anObserverThatThrowsIsLeftAlone() {
        Observer other = Observer.of(tap, Taps.EVERYTHING);
        Flux<TapEvent> events = tap.observe(Taps.EVERYTHING);
        events.subscribe(new ThrowingObserver());
        service.call(TestExchange.get("/")).subscribe();
        next.onlyCall().reply(HttpReply.of(204));

        assertThat(other.events()).hasSize(3);
        assertThat(tap.stats().observers()).isEqualTo(1);
    }

    @Test
    void anObserverWhoseSchedulerIsGoneFails() {
        Scheduler scheduler = Schedulers.newSingle("gone");
        Tap late = Tap.create(1, scheduler, clock::get, () -> 0);
        Observer observer = Observer.of(late, Taps.EVERYTHING);
        Mono.fromRunnable(() -> {}).subscribeOn(scheduler).block(); // behind the look that the first demand asked for
        scheduler.dispose();
        AtomicReference<HttpReply> reply = new AtomicReference<>();
        late.stage(TapPoint.INBOUND)
                .wrap(exchange -> Mono.just(HttpReply.of(204)))
                .call(TestExchange.get("/"))
                .subscribe(reply::set);

        assertThat(reply.get().status()).isEqualTo(204);
        assertThat(observer.error()).isInstanceOf(RejectedExecutionException.class);
        assertThat(late.stats().observers()).isZero();
    }

    @Test
    void aClientOfTlsIsNamedByItsCertificate() throws Exception {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        String name = "spiffe://example.org/shop";
        callFrom(List.of());
        callFrom(List.of(certificate(new CertificateBuilder().addSanUriName(name))));
        callFrom(List.of(certificate(new CertificateBuilder().addSanDnsName("shop.example.org"))));
        callFrom(List.of(certificate(new CertificateBuilder())));

        assertThat(observer.events(RequestInit.class))
                .extracting(begin -> begin.peers().sourceLabels())
                .containsExactly(
                        Map.of("tls", "true"),
                        Map.of("tls", "true", "client_id", name),
                        Map.of("tls", "true", "client_id", "shop.example.org"),
                        Map.of("tls", "true", "client_id", "CN=shop"));
    }

    private static X509Certificate certificate(CertificateBuilder builder) throws Exception {
        return builder.ecp256()
                .subject("CN=shop")
                .setIsCertificateAuthority(true) // only they may sign for themselves
                .buildSelfSigned()
                .getCertificate();
    }

    private void callFrom(List<X509Certificate> certificates) {
        TlsInfo tls = TlsInfo.of("TLSv1.3", "TLS_AES_128_GCM_SHA256", null, certificates);
        service.call(Taps.exchange(RequestHead.of("GET", "a", "/"), Body.empty(), null, tls))
                .subscribe();
    }

    private static Disposable read(Body body) {
        return body.subscribe(ByteBuf::release, error -> {});
    }
}
