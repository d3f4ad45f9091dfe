package io.headgate.tap.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.headgate.forward.Networks;
import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapId;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapPoint;
import io.headgate.tap.TapRequest;
import io.headgate.tap.linkerd.internal.wire.HttpMethod;
import io.headgate.tap.linkerd.internal.wire.IPAddress;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Our .proto files against the published API, and both of our sides with a peer that knows only that. */
class WireCompatibilityTest {

    private static final Map<String, FileDescriptor> PUBLISHED = WireTable.files();
    private static final FileDescriptor TAP = PUBLISHED.get("tap");
    private static final int LAST_PUBLISHED = 1000;

    @ParameterizedTest
    @ValueSource(strings = {"net", "http_types", "tap"})
    void ourFilesSayWhatThePublishedApiSays(String name) {
        FileDescriptor ours = Map.of(
                        "net", IPAddress.getDescriptor(),
                        "http_types", HttpMethod.getDescriptor(),
                        "tap", ObserveRequest.getDescriptor())
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
        lines.add("message " + message.getFullName() + " map "
                + message.getOptions().getMapEntry());
        for (FieldDescriptor field : message.getFields()) {
            if (field.getNumber() <= LAST_PUBLISHED) {
                lines.add(line(message, field));
            }
        }
        message.getEnumTypes().forEach(each -> lines.add(line(each)));
        message.getNestedTypes().forEach(nested -> lines(nested, lines));
    }

    private static String line(Descriptor message, FieldDescriptor field) {
        return message.getFullName() + " " + field.getNumber() + " " + field.getName() + " " + field.getType()
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
                        : " of " + field.getContainingOneof().getName());
    }

    private static String line(EnumDescriptor type) {
        Map<Integer, String> values = new TreeMap<>();
        type.getValues().forEach(value -> values.put(value.getNumber(), value.getName()));
        return "enum " + type.getFullName() + " " + values;
    }

    // ---- a client of the published API, and our server

    @Test
    void aClientOfThePublishedApiReadsTheEventsOfOurServerAndNothingElse() {
        List<TapEvent> exchange = List.of(
                ScriptedTap.requestInit(),
                ScriptedTap.bodyData(),
                new Dropped(3, 1),
                ScriptedTap.responseInit(),
                ScriptedTap.responseEnd(new End.Grpc(14)));
        try (Opened opened = Opened.of(request -> Flux.fromIterable(exchange))) {
            Iterator<DynamicMessage> events = ask(opened, """
                    limit: 1
                    match { all {} }
                    extract { http { headers {} } }
                    """);
            String about = """
                    source { ip { ipv4: 167772161 } port: 40000 }
                    destination { ip { ipv6 { first: 18338657682652659712 last: 65538 } } port: 8080 }
                    source_meta {
                      labels { key: "client_id" value: "spiffe://root/web" }
                      labels { key: "tls" value: "true" }
                    }
                    destination_meta { labels { key: "zone" value: "b" } }
                    route_meta { labels { key: "route" value: "list" } }
                    proxy_direction: OUTBOUND
                    """;
            assertSays(events.next(), about + """
                    http { request_init {
                      id { base: 4294967294 stream: 7 }
                      method { registered: GET }
                      scheme { registered: HTTPS }
                      authority: "orders:8080"
                      path: "/orders"
                      headers {
                        headers { name: ":method" value: "GET" }
                        headers { name: ":scheme" value: "https" }
                        headers { name: ":authority" value: "orders:8080" }
                        headers { name: ":path" value: "/orders?page=2" }
                        headers { name: "accept" value: "*/*" }
                        headers { name: "x-tenant" value: "caf\\351" }
                      }
                    } }
                    """);
            assertSays(events.next(), about + """
                    http { response_init {
                      id { base: 4294967294 stream: 7 }
                      since_request_init { seconds: 1 nanos: 500000042 }
                      http_status: 200
                      headers {
                        headers { name: ":status" value: "200" }
                        headers { name: "content-type" value: "application/json" }
                      }
                    } }
                    """);
            assertSays(events.next(), about + """
                    http { response_end {
                      id { base: 4294967294 stream: 7 }
                      since_request_init { seconds: 2 }
                      since_response_init { nanos: 499999958 }
                      response_bytes: 3000000000
                      eos { grpc_status_code: 14 }
                      trailers { headers { name: "x-sum" value: "1" } }
                    } }
                    """);
            assertThat(events.hasNext()).isFalse();
        }
    }

    @Test
    void aClientOfThePublishedApiIsUnderstoodByOurServer() {
        ScriptedTap tap = new ScriptedTap();
        try (Opened opened = Opened.of(tap)) {
            ask(opened, """
                    limit: 4294967295
                    match { all {
                      matches { }
                      matches { any {
                        matches { source { netmask { ip { ipv4: 167772160 } mask: 8 } } }
                        matches { destination { ports { min: 80 } } }
                      } }
                      matches { not { http { method { unregistered: "PURGE" } } } }
                      matches { http { scheme { registered: HTTP } } }
                      matches { http { authority { exact: "orders" } } }
                      matches { http { path { prefix: "/a" } } }
                      matches { destination_label { key: "zone" value: "b" } }
                      matches { route_label { key: "route" value: "list" } }
                    } }
                    """);
            TapRequest request = tap.request();
            assertThat(request.limit()).isEqualTo(4294967295L);
            assertThat(request.headers().shown()).isFalse();
            assertThat(request.bodyBytes()).isZero();
            assertThat(request.probability()).isEqualTo(1);
            assertThat(request.queue()).isEqualTo(TapRequest.DEFAULT_QUEUE);
            assertThat(request.match())
                    .usingRecursiveComparison()
                    .comparingOnlyFieldsOfTypes(TapMatch.class, String.class)
                    .isEqualTo(TapMatch.all(
                            TapMatch.any(
                                    new TapMatch.SourceNetwork(Networks.of("10.0.0.0/8")),
                                    new TapMatch.DestinationPorts(80, 80)),
                            new TapMatch.Method("PURGE").negate(),
                            new TapMatch.Scheme("http"),
                            new TapMatch.Authority(Text.exact("orders")),
                            new TapMatch.Path(Text.prefix("/a")),
                            new TapMatch.DestinationLabel("zone", "b"),
                            new TapMatch.RouteLabel("route", "list")));
        }
    }

    private static Iterator<DynamicMessage> ask(Opened opened, String request) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", opened.port())
                .usePlaintext()
                .build();
        Iterator<DynamicMessage> events = ClientCalls.blockingServerStreamingCall(
                channel, method(), CallOptions.DEFAULT, dynamic("ObserveRequest", request));
        channel.shutdown();
        return events;
    }

    // ---- a server of the published API, and our client

    @Test
    void ourClientReadsTheEventsOfAServerOfThePublishedApi() throws IOException, InterruptedException {
        BlockingQueue<DynamicMessage> questions = new LinkedBlockingQueue<>();
        List<DynamicMessage> answers =
                List.of(dynamic("TapEvent", """
                        source { ip { ipv4: 167772161 } port: 40000 }
                        proxy_direction: INBOUND
                        http { request_init {
                          id { base: 1 stream: 2 }
                          method { unregistered: "PURGE" }
                          scheme { registered: HTTP }
                          authority: "orders"
                          path: "/a"
                          headers {
                            headers { name: ":path" value: "/a?b=c" }
                            headers { name: "authorization" value: "Bearer x" }
                            headers { name: "bad name" value: "x" }
                          }
                        } }
                        """), dynamic("TapEvent", "http { }"), dynamic("TapEvent", """
                        proxy_direction: INBOUND
                        http { response_end {
                          id { base: 1 stream: 2 }
                          since_request_init { seconds: 2 }
                          eos { reset_error_code: 8 }
                        } }
                        """));
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(ServerServiceDefinition.builder("io.linkerd.proxy.tap.Tap")
                        .addMethod(method(), ServerCalls.asyncServerStreamingCall((question, client) -> {
                            questions.add(question);
                            answers.forEach(client::onNext);
                            client.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        TapClient client = TapClient.open("127.0.0.1", server.getPort());
        try {
            List<TapEvent> events = client.observe(
                            TapRequest.of(3, new TapMatch.Method("POST")).withHeaders(TapHeaders.SHOWN))
                    .collectList()
                    .block(Opened.PATIENCE);

            Peers unknown = new Peers(TapPoint.INBOUND, null, Map.of(), null, Map.of(), Map.of());
            assertThat(events)
                    .containsExactly(
                            new TapEvent.RequestInit(
                                    new TapId(1, 2),
                                    new Peers(
                                            TapPoint.INBOUND,
                                            new InetSocketAddress("10.0.0.1", 40000),
                                            Map.of(),
                                            null,
                                            Map.of(),
                                            Map.of()),
                                    "PURGE",
                                    "http",
                                    "orders",
                                    "/a?b=c",
                                    Fields.of("authorization", TapHeaders.REDACTED)),
                            new TapEvent.ResponseEnd(
                                    new TapId(1, 2),
                                    unknown,
                                    2_000_000_000L,
                                    -1,
                                    0,
                                    0,
                                    new End.Failed("h2(CANCEL)", 8),
                                    Fields.empty()));
            DynamicMessage question = questions.take();
            assertThat(DynamicMessage.newBuilder(question)
                            .setUnknownFields(com.google.protobuf.UnknownFieldSet.getDefaultInstance())
                            .build())
                    .isEqualTo(dynamic("ObserveRequest", """
                            limit: 3
                            match { http { method { registered: POST } } }
                            extract { http { headers {} } }
                            """));
            assertThat(question.getUnknownFields().asMap()).containsOnlyKeys(1001);
        } finally {
            client.closeAsync().block(Opened.PATIENCE);
            assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    private static MethodDescriptor<DynamicMessage, DynamicMessage> method() {
        return MethodDescriptor.newBuilder(marshaller("ObserveRequest"), marshaller("TapEvent"))
                .setType(MethodType.SERVER_STREAMING)
                .setFullMethodName("io.linkerd.proxy.tap.Tap/Observe")
                .build();
    }

    private static MethodDescriptor.Marshaller<DynamicMessage> marshaller(String message) {
        return ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(TAP.findMessageTypeByName(message)));
    }

    private static DynamicMessage dynamic(String message, String text) {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(TAP.findMessageTypeByName(message));
        try {
            TextFormat.merge(text, builder);
        } catch (ParseException e) {
            throw new AssertionError(text, e);
        }
        return builder.build();
    }

    /** Maps have no order on the wire, so texts are not compared. */
    private static void assertSays(DynamicMessage message, String text) {
        assertThat(message).isEqualTo(dynamic(message.getDescriptorForType().getName(), text));
        assertThat(unknown(message)).isZero();
    }

    private static int unknown(DynamicMessage message) {
        int count = message.getUnknownFields().asMap().size();
        for (Object value : message.getAllFields().values()) {
            count += value instanceof DynamicMessage inner ? unknown(inner) : 0;
        }
        return count;
    }
}
