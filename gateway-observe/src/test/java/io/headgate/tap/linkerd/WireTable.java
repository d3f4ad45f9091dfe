package io.headgate.tap.linkerd;

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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The published tap API, written down by hand from its description and not from our .proto files, and descriptors made of it.
 *
 * <p>A line of a message is {@code number name type [oneof]}, with {@code R} before a repeated one and type {@code labels} for a map of
 * strings.
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

    private static final String TAP = """
            service Tap
            rpc Observe ObserveRequest TapEvent
            message ObserveRequest
            1 limit uint32
            2 match tap.ObserveRequest.Match
            3 extract tap.ObserveRequest.Extract
            message ObserveRequest.Match
            1 all tap.ObserveRequest.Match.Seq match
            2 any tap.ObserveRequest.Match.Seq match
            3 not tap.ObserveRequest.Match match
            4 source tap.ObserveRequest.Match.Tcp match
            5 destination tap.ObserveRequest.Match.Tcp match
            6 http tap.ObserveRequest.Match.Http match
            7 destination_label tap.ObserveRequest.Match.Label match
            8 route_label tap.ObserveRequest.Match.Label match
            message ObserveRequest.Match.Seq
            R 1 matches tap.ObserveRequest.Match
            message ObserveRequest.Match.Label
            1 key string
            2 value string
            message ObserveRequest.Match.Tcp
            1 netmask tap.ObserveRequest.Match.Tcp.Netmask match
            3 ports tap.ObserveRequest.Match.Tcp.PortRange match
            message ObserveRequest.Match.Tcp.Netmask
            1 ip net.IPAddress
            2 mask uint32
            message ObserveRequest.Match.Tcp.PortRange
            1 min uint32
            2 max uint32
            message ObserveRequest.Match.Http
            1 scheme http_types.Scheme match
            2 authority tap.ObserveRequest.Match.Http.StringMatch match
            3 method http_types.HttpMethod match
            4 path tap.ObserveRequest.Match.Http.StringMatch match
            message ObserveRequest.Match.Http.StringMatch
            1 exact string match
            2 prefix string match
            message ObserveRequest.Extract
            1 http tap.ObserveRequest.Extract.Http extract
            message ObserveRequest.Extract.Http
            1 headers tap.ObserveRequest.Extract.Http.Headers extract
            message ObserveRequest.Extract.Http.Headers
            message Eos
            1 grpc_status_code uint32 end
            2 reset_error_code uint32 end
            message TapEvent
            enum ProxyDirection UNKNOWN INBOUND OUTBOUND
            1 source net.TcpAddress
            2 destination net.TcpAddress
            3 http tap.TapEvent.Http event
            4 destination_meta tap.TapEvent.EndpointMeta
            5 source_meta tap.TapEvent.EndpointMeta
            6 proxy_direction enum:tap.TapEvent.ProxyDirection
            7 route_meta tap.TapEvent.RouteMeta
            message TapEvent.EndpointMeta
            1 labels labels
            message TapEvent.RouteMeta
            1 labels labels
            message TapEvent.Http
            1 request_init tap.TapEvent.Http.RequestInit event
            2 response_init tap.TapEvent.Http.ResponseInit event
            3 response_end tap.TapEvent.Http.ResponseEnd event
            message TapEvent.Http.StreamId
            1 base uint32
            2 stream uint64
            message TapEvent.Http.RequestInit
            1 id tap.TapEvent.Http.StreamId
            2 method http_types.HttpMethod
            3 scheme http_types.Scheme
            4 authority string
            5 path string
            6 headers http_types.Headers
            message TapEvent.Http.ResponseInit
            1 id tap.TapEvent.Http.StreamId
            2 since_request_init Duration
            3 http_status uint32
            4 headers http_types.Headers
            message TapEvent.Http.ResponseEnd
            1 id tap.TapEvent.Http.StreamId
            2 since_request_init Duration
            3 since_response_init Duration
            4 response_bytes uint64
            5 eos tap.Eos
            6 trailers http_types.Headers
            """;

    private WireTable() {}

    /** The files by the last part of their package. */
    static Map<String, FileDescriptor> files() {
        Map<String, FileDescriptor> files = new LinkedHashMap<>();
        files.put("net", file("net", NET));
        files.put("http_types", file("http_types", HTTP_TYPES));
        FileDescriptor[] imports = {files.get("net"), files.get("http_types"), DurationProto.getDescriptor()};
        files.put("tap", file("tap", TAP, imports));
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
        String path = "";
        for (String line : table.strip().split("\n")) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "service" ->
                    file.addService(ServiceDescriptorProto.newBuilder().setName(words[1]));
                case "rpc" ->
                    file.getServiceBuilder(0)
                            .addMethod(MethodDescriptorProto.newBuilder()
                                    .setName(words[1])
                                    .setInputType(".io.linkerd.proxy.tap." + words[2])
                                    .setOutputType(".io.linkerd.proxy.tap." + words[3])
                                    .setServerStreaming(true));
                case "message" -> {
                    path = words[1];
                    message = DescriptorProto.newBuilder().setName(path.substring(path.lastIndexOf('.') + 1));
                    messages.put(path, message);
                }
                case "enum" -> message.addEnumType(enumeration(words));
                default -> field(message, name + "." + path, words);
            }
        }
        nest(file, messages);
        try {
            return FileDescriptor.buildFrom(file.build(), imports);
        } catch (DescriptorValidationException e) {
            throw new AssertionError(e);
        }
    }

    /** The innermost first: who takes a message in copies it. */
    private static void nest(FileDescriptorProto.Builder file, Map<String, DescriptorProto.Builder> messages) {
        List<String> inner = new ArrayList<>(messages.keySet());
        inner.removeIf(name -> !name.contains("."));
        inner.sort(
                Comparator.comparing((String name) -> name.split("\\.").length).reversed());
        inner.forEach(
                name -> messages.get(name.substring(0, name.lastIndexOf('.'))).addNestedType(messages.get(name)));
        messages.forEach((name, message) -> {
            if (!name.contains(".")) {
                file.addMessageType(message);
            }
        });
    }

    private static EnumDescriptorProto enumeration(String[] words) {
        EnumDescriptorProto.Builder values = EnumDescriptorProto.newBuilder().setName(words[1]);
        for (int i = 2; i < words.length; i++) {
            values.addValue(
                    EnumValueDescriptorProto.newBuilder().setName(words[i]).setNumber(i - 2));
        }
        return values.build();
    }

    private static void field(DescriptorProto.Builder message, String path, String[] words) {
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
                    .setTypeName(".io.linkerd.proxy." + path + "." + entryName(words[at + 1]));
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
