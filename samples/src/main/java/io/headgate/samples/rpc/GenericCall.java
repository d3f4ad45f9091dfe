package io.headgate.samples.rpc;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.endpoint.EndpointInfo;
import io.headgate.rpc.stream.OctetFiles;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A call of an endpoint that is known by its signature only. */
public final class GenericCall {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final EndpointInfo info;
    private final List<String> values;
    private final List<String> elements;
    private final @Nullable Path input;
    private final @Nullable Path output;

    private GenericCall(
            EndpointInfo info,
            List<String> values,
            List<String> elements,
            @Nullable Path input,
            @Nullable Path output) {
        this.info = info;
        this.values = values;
        this.elements = elements;
        this.input = input;
        this.output = output;
    }

    /**
     * A call.
     *
     * @param info the signature
     * @param arguments documents of JSON: first the values, then the elements of the stream
     * @param input lines of JSON that are further elements, or octets of the stream; or null
     * @param output where octets of the reply go, or null
     * @return the call
     * @throws IllegalArgumentException when that does not suit the signature; the message says what was expected
     */
    public static GenericCall of(
            EndpointInfo info, List<String> arguments, @Nullable Path input, @Nullable Path output) {
        int wanted =
                (int) info.parameters().stream().filter(one -> !one.stream()).count();
        boolean streams = wanted < info.parameters().size();
        boolean raw = streams && info.request() == Content.OCTETS;
        int most = streams && !raw ? Integer.MAX_VALUE : wanted;
        if (arguments.size() < wanted || arguments.size() > most) {
            throw new IllegalArgumentException("values: " + arguments.size() + " (expected: " + wanted
                    + (most > wanted ? " and elements" : "") + ", for " + info + ")");
        }
        if (info.request() == Content.PROTOBUF || info.reply() == Content.PROTOBUF) {
            throw new IllegalArgumentException("endpoint: " + info + " (expected: one of JSON or octets)");
        }
        if (raw != (input != null) && !(streams && !raw)) {
            throw new IllegalArgumentException("--input: " + (raw ? "missing" : "given")
                    + " (expected: for a stream, which " + info + (raw ? " has)" : " has not)"));
        }
        if ((info.reply() == Content.OCTETS) != (output != null)) {
            throw new IllegalArgumentException("--output: " + (output == null ? "missing" : "given")
                    + " (expected: exactly for octets, and " + info.name() + " replies " + info.reply() + ")");
        }
        if (raw && input != null && !(Files.isRegularFile(input) && Files.isReadable(input))) {
            throw new IllegalArgumentException("--input: " + input + " (expected: a file that can be read)");
        }
        if (output != null) {
            WholeFile.check("--output", output);
        }
        List<String> read = new ArrayList<>(arguments.subList(wanted, arguments.size()));
        if (input != null && !raw) {
            read.addAll(lines(input));
        }
        arguments.forEach(GenericCall::check);
        read.forEach(GenericCall::check);
        return new GenericCall(info, List.copyOf(arguments.subList(0, wanted)), read, raw ? input : null, output);
    }

    private static List<String> lines(Path input) {
        try {
            return Files.readAllLines(input).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException("--input: " + input + " (expected: a file of text)", e);
        }
    }

    private static void check(String document) {
        try {
            JSON.readTree(document);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("value: " + document + " (expected: JSON; a text stands in quotes)", e);
        }
    }

    /**
     * Makes the call.
     *
     * @param server what is called
     * @return the elements of the reply as text, or in the end how many octets there were
     */
    public Flux<String> make(Service<RpcRequest, RpcReply> server) {
        return Mono.defer(() -> server.call(request())).flatMapMany(this::read);
    }

    private RpcRequest request() {
        String value = values.size() == 1 ? values.get(0) : "[" + String.join(",", values) + "]";
        boolean inFields = input != null && !values.isEmpty();
        RpcRequest request = RpcRequest.of(info.name(), info.request(), info.reply(), body(value, inFields));
        return inFields ? request.withFields(EndpointInfo.besideOctets(value)) : request;
    }

    private Body body(String value, boolean inFields) {
        if (input != null) {
            return Body.of(OctetFiles.DEFAULTS.read(input, 0));
        }
        List<String> all = new ArrayList<>(elements);
        if (!values.isEmpty() && !inFields) {
            all.add(0, value);
        }
        return switch (all.size()) {
            case 0 -> info.request() == Content.NONE ? Body.empty() : Body.of(Flux.empty());
            case 1 -> Body.utf8(all.get(0));
            default -> Body.of(Flux.fromIterable(all).map(GenericCall::encode));
        };
    }

    private static ByteBuf encode(String document) {
        return Unpooled.wrappedBuffer(document.getBytes(StandardCharsets.UTF_8));
    }

    private Flux<String> read(RpcReply reply) {
        if (output != null) {
            return WholeFile.write(output, reply.body())
                    .map(bytes -> bytes + " bytes -> " + output)
                    .flux();
        }
        return reply.body().map(element -> {
            try {
                return element.toString(StandardCharsets.UTF_8);
            } finally {
                element.release();
            }
        });
    }
}
