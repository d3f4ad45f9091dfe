package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** A method of an object, ready to be called. */
final class Endpoint {

    private final Signature signature;
    private final MethodHandle handle; // (Object[])Object

    private Endpoint(Signature signature, MethodHandle handle) {
        this.signature = signature;
        this.handle = handle;
    }

    static Endpoint of(Signature signature, Object handler) {
        try {
            Method method = signature.method();
            method.setAccessible(true); // an interface may be private to its package
            MethodHandle handle = MethodHandles.lookup()
                    .unreflect(method)
                    .bindTo(handler)
                    .asSpreader(Object[].class, method.getParameterCount())
                    .asType(MethodType.methodType(Object.class, Object[].class));
            return new Endpoint(signature, handle);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(
                    signature.name() + ": not accessible (expected: a public interface, or a package open to headgate)",
                    e);
        }
    }

    Signature signature() {
        return signature;
    }

    /** What keeps a request from being handled, before its body is looked at; or null. */
    @Nullable RpcException objection(RpcRequest request) {
        if (request.content() != signature.request()) {
            return wrong("content: " + request.content() + " (expected: " + signature.request() + ", for "
                    + signature.info() + ')');
        }
        if (request.accept() != signature.reply() && signature.reply() != Content.NONE) {
            return wrong("accept: " + request.accept() + " (expected: " + signature.reply() + ", for "
                    + signature.info() + ')');
        }
        return request.deadline().isExpired()
                ? RpcException.of(
                        RpcStatus.DEADLINE_EXCEEDED,
                        signature.name() + ": no time left (expected: some before it begins)")
                : null;
    }

    /** Calls the handler. */
    Object invoke(@Nullable Object[] arguments) throws Throwable {
        Object result = (Object) handle.invokeExact((Object[]) arguments);
        if (result == null) {
            throw RpcException.of(
                    RpcStatus.INTERNAL,
                    signature.name() + ": the handler returned null (expected: a "
                            + (signature.flux() ? "Flux" : "Mono") + ')');
        }
        return result;
    }

    private RpcException wrong(String text) {
        return RpcException.of(RpcStatus.INVALID_ARGUMENT, signature.name() + ": " + text);
    }
}
