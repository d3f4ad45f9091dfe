package io.headgate.rpc.endpoint;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Makes requests of arguments, and calls. */
record Caller(
        Service<RpcRequest, RpcReply> service, @Nullable Duration timeout) {

    /** Calls, or fails for what is wrong with the arguments. */
    Mono<RpcReply> call(Signature signature, @Nullable Object[] arguments) {
        RpcRequest request;
        try {
            request = request(signature, arguments);
        } catch (RuntimeException e) {
            if (signature.stream() >= 0 && arguments[signature.stream()] instanceof Body body) {
                body.discard();
            }
            return Mono.error(e);
        }
        try {
            return service.call(request);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            request.body().discard();
            return Mono.error(e);
        }
    }

    /** What is wrong with the content of a reply, or null. None at all is an answer without a value. */
    static @Nullable RpcException objection(Signature signature, RpcReply reply) {
        return reply.content() == signature.reply() || reply.content() == Content.NONE
                ? null
                : wrongReply(
                        signature,
                        "content " + reply.content(),
                        signature.reply().toString());
    }

    static RpcException wrongReply(Signature signature, String what, String expected) {
        return RpcException.of(
                RpcStatus.INTERNAL,
                signature.name() + ": reply: " + what + " (expected: " + expected + ", for " + signature.info() + ')');
    }

    private RpcRequest request(Signature signature, @Nullable Object[] arguments) {
        RpcContext context = RpcContext.EMPTY;
        if (signature.context() >= 0) {
            if (!(arguments[signature.context()] instanceof RpcContext given)) {
                throw nothing(signature, "context", "RpcContext.EMPTY for none");
            }
            context = given;
        }
        Deadline deadline =
                timeout == null ? context.deadline() : context.deadline().min(Deadline.after(timeout));
        if (deadline.isExpired()) {
            throw RpcException.of(
                    RpcStatus.DEADLINE_EXCEEDED, signature.name() + ": no time left (expected: some before it begins)");
        }
        Fields fields = context.fields();
        Format values = signature.valueFormat();
        Format stream = signature.streamFormat();
        Body body;
        if (stream == null) {
            body = values == null ? Body.empty() : Body.of(values.encode(signature.pick(arguments)));
        } else {
            if (!(arguments[signature.stream()] instanceof Flux<?> source)) {
                throw nothing(signature, "stream", "a Flux");
            }
            if (values != null && stream.isRaw()) {
                fields = ValueField.encode(fields, values, signature.pick(arguments));
            }
            body = stream.isRaw() ? octets(source) : elements(source, stream, values, signature, arguments);
        }
        return new RpcRequest(
                signature.name(), fields, signature.request(), signature.reply(), body, deadline, context.attributes());
    }

    @SuppressWarnings("unchecked") // the signature says so
    private static Body octets(Publisher<?> source) {
        return source instanceof Body body ? body : Body.of((Publisher<ByteBuf>) source);
    }

    private static Body elements(
            Publisher<?> source,
            Format stream,
            @Nullable Format values,
            Signature signature,
            @Nullable Object[] arguments) {
        return EncodedBody.ofCaller(stream, source, values == null ? null : values.encode(signature.pick(arguments)));
    }

    private static RpcException nothing(Signature signature, String what, String expected) {
        return RpcException.of(
                RpcStatus.INVALID_ARGUMENT, signature.name() + ": " + what + ": null (expected: " + expected + ')');
    }
}
