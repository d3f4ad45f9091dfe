package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.headgate.discovery.linkerd.internal.wire.DestinationGrpc;
import io.headgate.discovery.linkerd.internal.wire.GetDestination;
import io.headgate.discovery.linkerd.internal.wire.Update;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

class ServerStreamTest {

    private final ScriptedPlane plane = new ScriptedPlane();
    private final Served served = Served.inProcess(plane);
    private final ServerStream<GetDestination, Update> stream = new ServerStream<>(
            served.channel(),
            DestinationGrpc.getGetMethod(),
            CallOptions.DEFAULT,
            GetDestination.newBuilder().setPath("orders:80").build());

    @AfterEach
    void close() {
        served.close();
    }

    private void tell(int from, int to) {
        IntStream.range(from, to).forEach(i -> plane.lastGet().tell(ScriptedPlane.add(i)));
    }

    @Test
    void messagesComeAsTheyAreAskedForAndTheCallIsMadeWithoutThat() {
        TestSubscriber<Update> reader =
                TestSubscriber.builder().initialRequest(0).build();
        stream.subscribe(reader);
        tell(1, 6);
        assertThat(reader.getReceivedOnNext()).isEmpty();

        reader.request(2);
        assertThat(reader.getReceivedOnNext()).containsExactly(ScriptedPlane.add(1), ScriptedPlane.add(2));
        reader.request(1);
        assertThat(reader.getReceivedOnNext()).hasSize(3);
        reader.cancel();
        assertThat(plane.lastGet().isCancelled()).isTrue();
    }

    @Test
    void whoeverAsksForEverythingGetsMoreThanACallIsAhead() {
        StepVerifier.create(stream)
                .then(() -> tell(0, 250))
                .expectNextCount(250)
                .then(() -> tell(0, 250))
                .expectNextCount(250)
                .then(() -> plane.lastGet().end())
                .verifyComplete();
    }

    @Test
    void eachSubscriberMakesACall() {
        assertThat(plane.gets).isEmpty();
        for (int i = 1; i <= 2; i++) {
            StepVerifier.create(stream)
                    .then(() -> plane.lastGet().fail(Status.NOT_FOUND.withDescription("no")))
                    .expectErrorSatisfies(error -> assertThat(((StatusRuntimeException) error).getStatus())
                            .matches(status -> status.getCode() == Status.Code.NOT_FOUND))
                    .verify();
            assertThat(plane.gets).hasSize(i);
        }
    }

    @Test
    void aSubscriberThatCancelsAtOnceMakesNoCall() {
        stream.subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
            }
        });

        assertThat(plane.gets).isEmpty();
    }
}
