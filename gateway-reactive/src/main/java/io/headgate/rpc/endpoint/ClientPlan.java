package io.headgate.rpc.endpoint;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An interface as a client needs it: what each of its methods does. Read once for all clients. */
final class ClientPlan {

    private static final @Nullable Object[] NO_ARGUMENTS = {};

    private final Class<?> type;
    private final Map<Method, Signature> endpoints;
    private final Map<Method, MethodHandle> defaults; // (Object, Object[])Object

    private ClientPlan(Class<?> type, Map<Method, Signature> endpoints, Map<Method, MethodHandle> defaults) {
        this.type = type;
        this.endpoints = endpoints;
        this.defaults = defaults;
    }

    static ClientPlan read(Class<?> type, Contract contract) {
        Map<Method, Signature> endpoints = new HashMap<>();
        Map<String, Method> names = new HashMap<>();
        for (Signature signature : contract.read(type)) {
            for (Method method : type.getMethods()) {
                if (Contract.isSame(type, signature.method(), method)) {
                    endpoints.put(method, signature);
                }
            }
            Method other = names.putIfAbsent(signature.name(), signature.method());
            if (other != null) {
                contract.complain(signature.name() + ": two methods of " + type.getName()
                        + " (expected: one, or another name by @EndpointName)");
            }
        }
        Map<Method, MethodHandle> defaults = new HashMap<>();
        for (Method method : type.getMethods()) {
            if (method.isDefault()) {
                defaults.put(method, special(method, contract));
            }
        }
        contract.check();
        return new ClientPlan(type, endpoints, defaults);
    }

    private static MethodHandle special(Method method, Contract contract) {
        Class<?> owner = method.getDeclaringClass();
        MethodType generic = MethodType.methodType(Object.class, Object.class, Object[].class);
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .unreflectSpecial(method, owner)
                    .asSpreader(Object[].class, method.getParameterCount())
                    .asType(generic);
        } catch (IllegalAccessException e) {
            contract.complain(owner.getSimpleName() + '.' + method.getName()
                    + ": a default method that is not accessible (expected: a package open to headgate)");
            return MethodHandles.empty(generic);
        }
    }

    Object proxy(Caller caller) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, new Calls(caller));
    }

    /** The methods of one client. */
    private final class Calls implements InvocationHandler {

        private final Caller caller;

        Calls(Caller caller) {
            this.caller = caller;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
                throws Throwable {
            @Nullable Object[] arguments = given == null ? NO_ARGUMENTS : given;
            Signature signature = endpoints.get(method);
            if (signature != null) {
                return signature.flux()
                        ? new StreamCall(caller, signature, arguments)
                        : new ValueCall(caller, signature, arguments);
            }
            MethodHandle local = defaults.get(method);
            return local == null
                    ? ofObject(proxy, method, arguments)
                    : (Object) local.invokeExact(proxy, (Object[]) arguments);
        }

        private Object ofObject(Object proxy, Method method, @Nullable Object[] arguments) {
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> type.getSimpleName() + " over " + caller.service();
            };
        }
    }
}
