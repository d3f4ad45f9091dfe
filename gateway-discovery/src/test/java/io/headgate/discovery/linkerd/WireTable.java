package io.headgate.discovery.linkerd;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The published destination API, written down by hand from its description and not from our .proto files, and descriptors made of it.
 *
 * <p>A line of a message is {@code number name type [oneof]}, with {@code R} before a repeated one and type {@code labels} for a map of
 * strings; {@code enum} and {@code reserved} lines speak for themselves.
 */
final class WireTable {

    private static final String NET = """
            message IPAddress
            1 ipv4 fixed32 ip
            2 ipv6 net.IPv6 ip
            message IPNetwork
            1 ip net.IPAddress
            2 prefix_len uint32
            message IPv6
            1 first fixed64
            2 last fixed64
            message TcpAddress
            1 ip net.IPAddress
            2 port uint32
            """;

    private static final String HTTP_TYPES = """
            message HttpMethod
            enum Registered GET POST PUT DELETE PATCH OPTIONS CONNECT HEAD TRACE
            1 registered enum:http_types.HttpMethod.Registered type
            2 unregistered string type
            message Scheme
            enum Registered HTTP HTTPS
            1 registered enum:http_types.Scheme.Registered type
            2 unregistered string type
            message Headers
            R 1 headers http_types.Headers.Header
            message Headers.Header
            1 name string
            2 value bytes
            """;

    private static final String META = """
            message Metadata
            1 default string kind
            2 resource meta.Resource kind
            message Resource
            1 group string
            2 kind string
            3 name string
            4 namespace string
            5 section string
            6 port uint32
            """;

    private static final String DESTINATION = """
            service Destination
            rpc Get GetDestination Update
            rpc GetProfile GetDestination DestinationProfile
            message GetDestination
            1 scheme string
            2 path string
            3 context_token string
            message Update
            1 add destination.WeightedAddrSet update
            2 remove destination.AddrSet update
            3 no_endpoints destination.NoEndpoints update
            message AddrSet
            R 1 addrs net.TcpAddress
            message WeightedAddrSet
            R 1 addrs destination.WeightedAddr
            2 metric_labels labels
            message WeightedAddr
            1 addr net.TcpAddress
            3 weight uint32
            4 metric_labels labels
            5 tls_identity destination.TlsIdentity
            6 protocol_hint destination.ProtocolHint
            7 authority_override destination.AuthorityOverride
            8 http2 destination.Http2ClientParams
            9 resource_ref meta.Metadata
            message TlsIdentity
            reserved 2 k8s_pod_identity
            1 dns_like_identity destination.TlsIdentity.DnsLikeIdentity strategy
            3 uri_like_identity destination.TlsIdentity.UriLikeIdentity strategy
            4 server_name destination.TlsIdentity.DnsLikeIdentity
            message TlsIdentity.DnsLikeIdentity
            1 name string
            message TlsIdentity.UriLikeIdentity
            1 uri string
            message AuthorityOverride
            1 authority_override string
            message NoEndpoints
            1 exists bool
            message ProtocolHint
            1 h2 destination.ProtocolHint.H2 protocol
            3 opaque destination.ProtocolHint.Opaque protocol
            2 opaque_transport destination.ProtocolHint.OpaqueTransport
            message ProtocolHint.H2
            message ProtocolHint.Opaque
            message ProtocolHint.OpaqueTransport
            1 inbound_port uint32
            message Http2ClientParams
            1 flow_control destination.Http2ClientParams.FlowControl
            2 keep_alive destination.Http2ClientParams.KeepAlive
            3 internals destination.Http2ClientParams.Internals
            message Http2ClientParams.FlowControl
            1 initial_connection_window_size uint32
            2 initial_stream_window_size uint32
            3 adaptive_flow_control bool
            message Http2ClientParams.KeepAlive
            1 interval Duration
            2 timeout Duration
            3 while_idle bool
            message Http2ClientParams.Internals
            1 max_concurrent_reset_streams uint32
            2 max_frame_size uint32
            3 max_send_buf_size uint32
            message DestinationProfile
            R 1 routes destination.Route
            2 retry_budget destination.RetryBudget
            R 3 dst_overrides destination.WeightedDst
            4 opaque_protocol bool
            5 fully_qualified_name string
            6 endpoint destination.WeightedAddr
            7 parent_ref meta.Metadata
            8 profile_ref meta.Metadata
            message Route
            1 condition destination.RequestMatch
            R 2 response_classes destination.ResponseClass
            3 metrics_labels labels
            4 is_retryable bool
            5 timeout Duration
            message RetryBudget
            1 retry_ratio float
            2 min_retries_per_second uint32
            3 ttl Duration
            message ResponseClass
            1 condition destination.ResponseMatch
            2 is_failure bool
            message RequestMatch
            1 all destination.RequestMatch.Seq match
            2 any destination.RequestMatch.Seq match
            3 not destination.RequestMatch match
            4 path destination.PathMatch match
            5 method http_types.HttpMethod match
            message RequestMatch.Seq
            R 1 matches destination.RequestMatch
            message PathMatch
            1 regex string
            message ResponseMatch
            1 all destination.ResponseMatch.Seq match
            2 any destination.ResponseMatch.Seq match
            3 not destination.ResponseMatch match
            4 status destination.HttpStatusRange match
            message ResponseMatch.Seq
            R 1 matches destination.ResponseMatch
            message HttpStatusRange
            1 min uint32
            2 max uint32
            message WeightedDst
            1 authority string
            2 weight uint32
            3 backend_ref meta.Metadata
            """;

    private WireTable() {}

    /** The files by the last part of their package. */
    static Map<String, FileDescriptor> files() {
        Map<String, FileDescriptor> files = new LinkedHashMap<>();
        files.put("net", file("net", NET));
        files.put("http_types", file("http_types", HTTP_TYPES));
        files.put("meta", file("meta", META));
        FileDescriptor[] imports = {
            files.get("net"), files.get("http_types"), files.get("meta"), DurationProto.getDescriptor()
        };
        files.put("destination", file("destination", DESTINATION, imports));
        return files;
    }

    private static FileDescriptor file(String name, String table, FileDescriptor... imports) {
        FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder()
                .setName(name + ".proto")
                .setPackage("io.linkerd.proxy." + name)
                .setSyntax("proto3");
        for (FileDescriptor each : imports) {
            file.addDependency(each.getName());
        }
        Map<String, DescriptorProto.Builder> messages = new LinkedHashMap<>();
        DescriptorProto.Builder message = DescriptorProto.newBuilder();
        for (String line : table.strip().split("\n")) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "service" ->
                    file.addService(ServiceDescriptorProto.newBuilder().setName(words[1]));
                case "rpc" ->
                    file.getServiceBuilder(0)
                            .addMethod(MethodDescriptorProto.newBuilder()
                                    .setName(words[1])
                                    .setInputType(".io.linkerd.proxy.destination." + words[2])
                                    .setOutputType(".io.linkerd.proxy.destination." + words[3])
                                    .setServerStreaming(true));
                case "message" -> {
                    message = DescriptorProto.newBuilder().setName(words[1].substring(words[1].indexOf('.') + 1));
                    messages.put(words[1], message);
                }
                case "enum" -> message.addEnumType(enumeration(words));
                case "reserved" ->
                    message.addReservedName(words[2])
                            .addReservedRange(DescriptorProto.ReservedRange.newBuilder()
                                    .setStart(Integer.parseInt(words[1]))
                                    .setEnd(Integer.parseInt(words[1]) + 1));
                default -> field(message, name, words);
            }
        }
        nest(file, messages);
        try {
            return FileDescriptor.buildFrom(file.build(), imports);
        } catch (DescriptorValidationException e) {
            throw new AssertionError(e);
        }
    }

    private static void nest(FileDescriptorProto.Builder file, Map<String, DescriptorProto.Builder> messages) {
        List<String> outer = new ArrayList<>();
        messages.forEach((name, message) -> {
            if (name.contains(".")) {
                messages.get(name.substring(0, name.indexOf('.'))).addNestedType(message);
            } else {
                outer.add(name);
            }
        });
        outer.forEach(name -> file.addMessageType(messages.get(name)));
    }

    private static EnumDescriptorProto enumeration(String[] words) {
        EnumDescriptorProto.Builder values = EnumDescriptorProto.newBuilder().setName(words[1]);
        for (int i = 2; i < words.length; i++) {
            values.addValue(
                    EnumValueDescriptorProto.newBuilder().setName(words[i]).setNumber(i - 2));
        }
        return values.build();
    }

    private static void field(DescriptorProto.Builder message, String file, String[] words) {
        boolean repeated = words[0].equals("R");
        int at = repeated ? 1 : 0;
        FieldDescriptorProto.Builder field = FieldDescriptorProto.newBuilder()
                .setNumber(Integer.parseInt(words[at]))
                .setName(words[at + 1])
                .setLabel(repeated ? Label.LABEL_REPEATED : Label.LABEL_OPTIONAL);
        String type = words[at + 2];
        if (type.equals("labels")) {
            message.addNestedType(entry(words[at + 1]));
            field.setLabel(Label.LABEL_REPEATED)
                    .setType(Type.TYPE_MESSAGE)
                    .setTypeName(
                            ".io.linkerd.proxy." + file + "." + message.getName() + "." + entryName(words[at + 1]));
        } else if (type.equals("Duration")) {
            field.setType(Type.TYPE_MESSAGE).setTypeName(".google.protobuf.Duration");
        } else if (type.startsWith("enum:")) {
            field.setType(Type.TYPE_ENUM).setTypeName(".io.linkerd.proxy." + type.substring("enum:".length()));
        } else if (type.contains(".")) {
            field.setType(Type.TYPE_MESSAGE).setTypeName(".io.linkerd.proxy." + type);
        } else {
            field.setType(Type.valueOf("TYPE_" + type.toUpperCase(Locale.ROOT)));
        }
        if (words.length > at + 3) {
            field.setOneofIndex(oneof(message, words[at + 3]));
        }
        message.addField(field);
    }

    private static int oneof(DescriptorProto.Builder message, String name) {
        for (int i = 0; i < message.getOneofDeclCount(); i++) {
            if (message.getOneofDecl(i).getName().equals(name)) {
                return i;
            }
        }
        message.addOneofDecl(OneofDescriptorProto.newBuilder().setName(name));
        return message.getOneofDeclCount() - 1;
    }

    private static String entryName(String field) {
        StringBuilder name = new StringBuilder();
        for (String word : field.split("_")) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return name.append("Entry").toString();
    }

    private static DescriptorProto entry(String field) {
        return DescriptorProto.newBuilder()
                .setName(entryName(field))
                .setOptions(MessageOptions.newBuilder().setMapEntry(true))
                .addField(part("key", 1))
                .addField(part("value", 2))
                .build();
    }

    private static FieldDescriptorProto part(String name, int number) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setLabel(Label.LABEL_OPTIONAL)
                .setType(Type.TYPE_STRING)
                .build();
    }
}
