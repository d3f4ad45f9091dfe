package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.HttpMethod;
import io.headgate.discovery.linkerd.internal.wire.IPAddress;
import io.headgate.discovery.linkerd.internal.wire.Metadata;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update.Departure;
import io.headgate.test.UpdateProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Our .proto files against the published API, and both of our sides with a peer that knows only that. */
class WireCompatibilityTest {

    private static final Map<String, FileDescriptor> PUBLISHED = WireTable.files();
    private static final FileDescriptor DESTINATION = PUBLISHED.get("destination");

    @ParameterizedTest
    @ValueSource(strings = {"net", "http_types", "meta", "destination"})
    void ourFilesSayWhatThePublishedApiSays(String name) {
        FileDescriptor ours = Map.of(
                        "net", IPAddress.getDescriptor(),
                        "http_types", HttpMethod.getDescriptor(),
                        "meta", Metadata.getDescriptor(),
                        "destination", DestinationProfile.getDescriptor())
                .get(name)
                .getFile();

        assertThat(lines(ours)).containsExactlyElementsOf(lines(PUBLISHED.get(name)));
        assertThat(ours.toProto().getSyntax()).isEqualTo("proto3");
    }

    private static List<String> lines(FileDescriptor file) {
        List<String> lines = new ArrayList<>();
        file.getServices()
                .forEach(service -> service.getMethods()
                        .forEach(method -> lines.add(method.getFullName() + " "
                                + method.toProto().toBuilder().clearOptions().build())));
        file.getMessageTypes().forEach(message -> lines(message, lines));
        file.getEnumTypes().forEach(each -> lines.add(line(each)));
        return lines.stream().sorted().toList();
    }

    private static void lines(Descriptor message, List<String> lines) {
        lines.add("message " + message.getFullName()
                + " reserved " + message.toProto().getReservedRangeList()
                + message.toProto().getReservedNameList()
                + " map " + message.getOptions().getMapEntry());
        for (FieldDescriptor field : message.getFields()) {
            lines.add(message.getFullName() + " " + field.getNumber() + " " + field.getName() + " " + field.getType()
                    + (field.isRepeated() ? " repeated" : "")
                    + (field.isPacked() ? " packed" : "")
                    + (field.hasPresence() ? " presence" : "")
                    + (field.getType() == FieldDescriptor.Type.MESSAGE
                            ? " " + field.getMessageType().getFullName()
                            : "")
                    + (field.getType() == FieldDescriptor.Type.ENUM
                            ? " " + field.getEnumType().getFullName()
                            : "")
                    + (field.getContainingOneof() == null
                            ? ""
                            : " of " + field.getContainingOneof().getName()));
        }
        message.getEnumTypes().forEach(each -> lines.add(line(each)));
        message.getNestedTypes().forEach(nested -> lines(nested, lines));
    }

    private static String line(EnumDescriptor type) {
        Map<Integer, String> values = new TreeMap<>();
        type.getValues().forEach(value -> values.put(value.getNumber(), value.getName()));
        return "enum " + type.getFullName() + " " + values;
    }

    @Test
    void anAddressHasTheseBytes() throws InvalidProtocolBufferException {
        byte[] bytes = HexFormat.of().parseHex("0a110a0f0a0a0a050d0100000a10903f18904e");

        assertThat(ScriptedPlane.add(1).toByteArray()).isEqualTo(bytes);
        assertThat(WireEndpoints.decode(
                        io.headgate.discovery.linkerd.internal.wire.Update.parseFrom(bytes), new Skipped("test")))
                .isEqualTo(new io.headgate.resolve.Update.Upsert<>(List.of(Endpoint.of("10.0.0.1", 8080))));
    }

    // ---- a client of the published API, and our server

    @Test
    void aClientOfThePublishedApiReadsTheEndpointsOfOurServer() {
        EndpointRegistry registry = new EndpointRegistry();
        registry.reset(
                "orders:80",
                List.of(
                        Endpoint.of("10.0.0.1", 8080),
                        Endpoint.of("fe80::1:2", 9090)
                                .withProtocol(Protocol.HTTP_2)
                                .withTls(new TlsName("spiffe://root/ns/shop", "orders.shop"))
                                .withAuthority("orders.example:443")
                                .withWeight(5)
                                .withLabels(Map.of("zone", "b"))));
        try (Served served = Served.onLoopback(DestinationServer.of(registry, name -> Flux.never()))) {
            Iterator<DynamicMessage> updates = ask(served, "Get", "Update", "orders:80");
            assertSays(updates.next(), """
                    add {
                      addrs { addr { ip { ipv4: 167772161 } port: 8080 } weight: 10000 }
                      addrs {
                        addr { ip { ipv6 { first: 18338657682652659712 last: 65538 } } port: 9090 }
                        weight: 5
                        metric_labels { key: "zone" value: "b" }
                        tls_identity {
                          uri_like_identity { uri: "spiffe://root/ns/shop" }
                          server_name { name: "orders.shop" }
                        }
                        protocol_hint { h2 {} }
                        authority_override { authority_override: "orders.example:443" }
                      }
                    }
                    """);
            registry.remove("orders:80", Departure.DRAIN, Endpoint.of("10.0.0.1", 8080));
            assertSays(updates.next(), "remove { addrs { ip { ipv4: 167772161 } port: 8080 } }");
            registry.reset("orders:80", List.of());
            assertSays(updates.next(), "no_endpoints { exists: true }");
            registry.absent("orders:80");
            assertSays(updates.next(), "no_endpoints { exists: false }");
        }
    }

    @Test
    void aClientOfThePublishedApiReadsTheProfilesOfOurServer() {
        Profile profile = Profile.of(
                        ProfileRoute.of(RequestMatch.all(RequestMatch.method("GET"), RequestMatch.path("/orders/.*")))
                                .withLabel("route", "list")
                                .withTimeout(Duration.ofMillis(1500))
                                .withRetryable(true)
                                .withClasses(new ResponseClass(new ResponseMatch.Status(500, 599), true)))
                .withName("orders.shop.svc.cluster.local");
        try (Served served = Served.onLoopback(DestinationServer.of(
                new EndpointRegistry(), name -> Flux.just(profile).concatWith(Flux.never())))) {
            assertSays(
                    ask(served, "GetProfile", "DestinationProfile", "orders:80").next(), """
                    routes {
                      condition {
                        all {
                          matches { method { registered: GET } }
                          matches { path { regex: "/orders/.*" } }
                        }
                      }
                      response_classes { condition { status { min: 500 max: 599 } } is_failure: true }
                      metrics_labels { key: "route" value: "list" }
                      is_retryable: true
                      timeout { seconds: 1 nanos: 500000000 }
                    }
                    fully_qualified_name: "orders.shop.svc.cluster.local"
                    """);
        }
    }

    private static Iterator<DynamicMessage> ask(Served served, String method, String answer, String path) {
        return ClientCalls.blockingServerStreamingCall(
                served.channel(),
                method(method, answer),
                CallOptions.DEFAULT,
                dynamic("GetDestination", "path: \"" + path + "\""));
    }

    // ---- a server of the published API, and our client

    @Test
    void ourClientReadsTheEndpointsOfAServerOfThePublishedApi() {
        DynamicMessage first = dynamic("Update", """
                add {
                  addrs {
                    addr { ip { ipv4: 167772161 } port: 8080 }
                    weight: 7
                    metric_labels { key: "pod" value: "a" }
                    tls_identity { dns_like_identity { name: "orders.shop" } }
                    protocol_hint { h2 {} }
                    http2 { flow_control { initial_stream_window_size: 65535 } }
                    resource_ref { resource { kind: "Pod" } }
                  }
                  metric_labels { key: "zone" value: "b" }
                }
                """);
        try (Served served = Served.onLoopback(() -> published("Get", "Update", first))) {
            LinkerdDestination linkerd = LinkerdDestination.over(served.channel(), LinkerdSettings.DEFAULTS);
            UpdateProbe probe = UpdateProbe.on(linkerd.resolve("orders:80"));
            probe.awaitSet(List.of(Endpoint.of("10.0.0.1", 8080)
                    .withWeight(7)
                    .withProtocol(Protocol.HTTP_2)
                    .withTls(TlsName.dns("orders.shop"))
                    .withLabels(Map.of("pod", "a", "zone", "b"))));
            probe.cancel();
        }
    }

    @Test
    void ourClientReadsTheProfilesOfAServerOfThePublishedApi() {
        DynamicMessage first = dynamic("DestinationProfile", """
                routes { condition { path { regex: "/a" } } metrics_labels { key: "route" value: "a" } }
                dst_overrides { authority: "orders-v2:80" weight: 3 backend_ref { default: "x" } }
                fully_qualified_name: "orders"
                """);
        try (Served served = Served.onLoopback(() -> published("GetProfile", "DestinationProfile", first))) {
            LinkerdDestination linkerd = LinkerdDestination.over(served.channel(), LinkerdSettings.DEFAULTS);
            Profile profile = linkerd.profiles("orders:80").blockFirst(Duration.ofSeconds(10));

            assertThat(profile)
                    .isEqualTo(
                            Profile.of(ProfileRoute.of(RequestMatch.path("/a")).withLabel("route", "a"))
                                    .withName("orders")
                                    .withTargets(new io.headgate.profile.WeightedTarget("orders-v2:80", 3)));
        }
    }

    private static ServerServiceDefinition published(String method, String answer, DynamicMessage first) {
        return ServerServiceDefinition.builder("io.linkerd.proxy.destination.Destination")
                .addMethod(method(method, answer), ServerCalls.asyncServerStreamingCall((question, client) -> {
                    String path = String.valueOf(
                            question.getField(question.getDescriptorForType().findFieldByNumber(2)));
                    if (path.equals("orders:80")) {
                        client.onNext(first);
                    }
                }))
                .build();
    }

    private static MethodDescriptor<DynamicMessage, DynamicMessage> method(String name, String answer) {
        return MethodDescriptor.newBuilder(marshaller("GetDestination"), marshaller(answer))
                .setType(MethodType.SERVER_STREAMING)
                .setFullMethodName("io.linkerd.proxy.destination.Destination/" + name)
                .build();
    }

    private static MethodDescriptor.Marshaller<DynamicMessage> marshaller(String message) {
        return ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(DESTINATION.findMessageTypeByName(message)));
    }

    private static DynamicMessage dynamic(String message, String text) {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(DESTINATION.findMessageTypeByName(message));
        try {
            TextFormat.merge(text, builder);
        } catch (ParseException e) {
            throw new AssertionError(text, e);
        }
        return builder.build();
    }

    private static void assertSays(Message message, String text) {
        assertThat(message).isEqualTo(dynamic(message.getDescriptorForType().getName(), text));
        assertThat(message.getUnknownFields().asMap()).isEmpty();
    }
}
