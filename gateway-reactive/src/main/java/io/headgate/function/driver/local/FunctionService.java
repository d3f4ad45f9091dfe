package io.headgate.function.driver.local;

import io.headgate.Service;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.Unpooled;
import java.util.Map;
import reactor.core.publisher.Mono;

/** A function as a service: the payload is collected for it. */
final class FunctionService implements Service<InstanceRequest, InstanceReply> {

    private static final byte[] NOTHING = {};

    private final LocalFunction function;
    private final Map<String, String> environment;

    FunctionService(LocalFunction function, Map<String, String> environment) {
        this.function = function;
        this.environment = environment;
    }

    @Override
    public Mono<InstanceReply> call(InstanceRequest request) {
        Mono<byte[]> input =
                request.body().isEmpty() ? Mono.just(NOTHING) : request.body().asBytes(Integer.MAX_VALUE);
        return input.flatMap(bytes -> function.call(new LocalCall(request.fields(), bytes, environment)))
                .map(output -> new InstanceReply(200, Fields.empty(), body(output)));
    }

    private static Body body(byte[] output) {
        return output.length == 0 ? Body.empty() : Body.of(Unpooled.wrappedBuffer(output));
    }
}
