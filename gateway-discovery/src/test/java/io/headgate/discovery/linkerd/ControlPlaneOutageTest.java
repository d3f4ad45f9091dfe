package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grpc.BindableService;
import io.headgate.profile.Profile;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.SourceObserver;
import io.headgate.test.UpdateProbe;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Ten minutes without a control plane, in virtual time; endpoints are real servers, and so is the control plane in one case. */
class ControlPlaneOutageTest {

    private static final String NAME = "orders.svc.cluster.local:80";
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<HttpServer> servers = new ArrayList<>();
    private final EndpointRegistry registry = new EndpointRegistry();
    private final List<Profile> profiles = new CopyOnWriteArrayList<>();
    private Profile profile = Profile.EMPTY.withName("old");
    private long requests;

    static Stream<Arguments> planes() {
        Function<BindableService, Served> inProcess = Served::inProcess;
        Function<BindableService, Served> sockets = Served::onLoopback;
        return Stream.of(
                Arguments.argumentSet("in process", inProcess, true),
                Arguments.argumentSet("on loopback", sockets, false));
    }

    @ParameterizedTest
    @MethodSource("planes")
    void oldEndpointsServeUntilANewSetIsInForceWithinASecond(
            Function<BindableService, Served> serve, boolean inOneThread) throws IOException {
        List<Endpoint> old = List.of(server(), server());
        registry.reset(NAME, old);
        try (Served served = serve.apply(DestinationServer.of(
                registry, name -> Flux.defer(() -> Flux.just(profile).concatWith(Flux.never()))))) {
            LinkerdDestination linkerd = LinkerdDestination.over(
                    served.channel(), LinkerdSettings.DEFAULTS, SourceObserver.NONE, SourceObserver.NONE, time);
            UpdateProbe probe = UpdateProbe.on(linkerd.resolve(NAME));
            Disposable watch = linkerd.profiles(NAME).subscribe(profiles::add);
            probe.awaitSet(old);
            Awaitility.await().until(() -> profiles.size() == 1);

            served.stop();
            for (int second = 0; second < 600; second++) {
                time.advanceTimeBy(A_SECOND);
                probe.assertSet(old);
                callEach(old);
            }
            List<Endpoint> fresh = List.of(server(), server(), old.get(1));
            registry.reset(NAME, fresh);
            profile = Profile.EMPTY.withName("new");
            served.start();
            time.advanceTimeBy(A_SECOND);

            if (inOneThread) {
                probe.assertSet(fresh); // sockets take real time besides, and so would gRPC left to itself
            }
            probe.awaitSet(fresh);
            Awaitility.await().until(() -> profiles.size() == 2);
            assertThat(profiles).extracting(Profile::name).containsExactly("old", "new");
            callEach(fresh);
            assertThat(requests).isEqualTo(600 * 2 + 3);
            probe.assertNotEnded();
            watch.dispose();
            probe.cancel();
        } finally {
            servers.forEach(server -> server.stop(0));
            time.dispose();
        }
    }

    @Test
    void aControlPlaneThatAnswersWithErrorsAndRecoversIsHeardWithinASecond() {
        ScriptedPlane plane = new ScriptedPlane();
        try (Served served = Served.inProcess(plane)) {
            LinkerdDestination linkerd = LinkerdDestination.over(
                    served.channel(), LinkerdSettings.DEFAULTS, SourceObserver.NONE, SourceObserver.NONE, time);
            UpdateProbe probe = UpdateProbe.on(linkerd.resolve(NAME));
            plane.lastGet().tell(ScriptedPlane.add(1));
            int failed = 0;
            for (int tick = 0; tick < 6000; tick++) {
                if (failed < plane.gets.size()) {
                    plane.gets.get(failed++).fail(io.grpc.Status.UNAVAILABLE);
                }
                time.advanceTimeBy(Duration.ofMillis(100));
            }
            probe.assertSet(List.of(Endpoint.of("10.0.0.1", 8080)));
            while (failed < plane.gets.size()) {
                plane.gets.get(failed++).fail(io.grpc.Status.UNAVAILABLE);
            }
            time.advanceTimeBy(A_SECOND);

            assertThat(plane.gets)
                    .as("streams that the recovered control plane has")
                    .hasSize(failed + 1);
            plane.lastGet().tell(ScriptedPlane.add(2));
            probe.assertSet(List.of(Endpoint.of("10.0.0.2", 8080)));
            assertThat(failed).as("attempts in ten minutes").isBetween(700, 2000);
        }
    }

    private Endpoint server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return Endpoint.of("127.0.0.1", server.getAddress().getPort());
    }

    private void callEach(List<Endpoint> endpoints) throws IOException {
        for (Endpoint endpoint : endpoints) {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(endpoint.toString()).toURL().openConnection();
            assertThat(connection.getResponseCode()).isEqualTo(204);
            requests++;
        }
    }
}
