package io.headgate.rpc.endpoint;

import io.headgate.Service;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.endpoint.EndpointInfo.Parameter;
import io.headgate.rpc.endpoint.EndpointInfo.Shape;
import io.netty.buffer.ByteBuf;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads interfaces, and collects all that is wrong with them before it complains. */
final class Contract {

    private final Codecs codecs;
    private final Format.Limits limits;
    private final List<String> problems = new ArrayList<>();

    Contract(Codecs codecs, Format.Limits limits) {
        this.codecs = codecs;
        this.limits = limits;
    }

    void complain(String problem) {
        problems.add(problem);
    }

    /** Throws if there was anything to complain of. */
    void check() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    /** The endpoints of an interface; those that are wrong are left out. */
    List<Signature> read(Class<?> type) {
        if (!type.isInterface() || type.getTypeParameters().length > 0) {
            complain(Types.name(type) + " (expected: an interface without type parameters)");
            return List.of();
        }
        Map<TypeVariable<?>, Type> variables = Types.variables(type);
        List<Method> methods = Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()) && !isOfObject(method))
                .sorted(Comparator.comparing(Method::getName).thenComparing(Method::toString))
                .toList();
        if (methods.isEmpty()) {
            complain(Types.name(type) + ": no methods (expected: one for each endpoint)");
        }
        List<Signature> signatures = new ArrayList<>();
        for (Method method : methods) {
            if (signatures.stream().anyMatch(known -> isSame(type, known.method(), method))) {
                continue;
            }
            int before = problems.size();
            Signature signature = new MethodReader(type, method, variables).read();
            if (signature != null && problems.size() == before) {
                signatures.add(signature);
            }
        }
        return signatures;
    }

    /** Whether an interface is meant to be a service: one method that looks like an endpoint is enough. */
    static boolean isService(Class<?> type) {
        return type != Service.class
                && Arrays.stream(type.getMethods())
                        .anyMatch(method -> Modifier.isAbstract(method.getModifiers())
                                && Publisher.class.isAssignableFrom(method.getReturnType()));
    }

    /** Whether an interface has one method from two interfaces that do not know of each other. */
    static boolean isSame(Class<?> type, Method one, Method other) {
        return one.getName().equals(other.getName())
                && one.getReturnType() == other.getReturnType()
                && Arrays.equals(one.getParameterTypes(), other.getParameterTypes())
                && nameOf(type, one).equals(nameOf(type, other));
    }

    private static boolean isOfObject(Method method) {
        try {
            Object.class.getMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static String nameOf(Class<?> type, Method method) {
        EndpointName ofType = type.getAnnotation(EndpointName.class);
        EndpointName ofMethod = method.getAnnotation(EndpointName.class);
        String group = ofType == null ? type.getSimpleName() : ofType.value();
        String own = ofMethod == null ? method.getName() : ofMethod.value();
        return group.isEmpty() ? own : group + '/' + own;
    }

    /** Reads one method. */
    private final class MethodReader {

        private final Method method;
        private final String source; // the method in messages about code
        private final String name; // the endpoint in messages about calls
        private final Map<TypeVariable<?>, Type> variables;
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<Integer> values = new ArrayList<>();
        private final List<String> valueNames = new ArrayList<>();
        private final List<Type> valueTypes = new ArrayList<>();
        private int context = -1;
        private int stream = -1;
        private @Nullable Format streamFormat;

        MethodReader(Class<?> type, Method method, Map<TypeVariable<?>, Type> variables) {
            this.method = method;
            this.source = type.getSimpleName() + '.' + method.getName();
            this.name = nameOf(type, method);
            this.variables = variables;
        }

        @Nullable Signature read() {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || bytes > RpcRequest.MAX_ENDPOINT) {
                complain(source + ": a name of " + bytes + " bytes (expected: 1.." + RpcRequest.MAX_ENDPOINT + ")");
            }
            if (method.getTypeParameters().length > 0) {
                complain(source + ": type parameters (expected: none)");
                return null;
            }
            for (int i = 0; i < method.getParameterCount(); i++) {
                readParameter(i);
            }
            Format valueFormat = valueFormat();
            boolean flux = method.getReturnType() == Flux.class;
            Type result = resultType();
            Format resultFormat = result == null || result == Void.class ? null : resultFormat(result);
            Content request = streamFormat != null
                    ? streamFormat.content()
                    : valueFormat != null ? valueFormat.content() : Content.NONE;
            Content reply = resultFormat == null ? Content.NONE : resultFormat.content();
            EndpointInfo info = new EndpointInfo(
                    name, shape(flux), request, parameters, reply, result == null ? "?" : Types.name(result));
            int[] positions = values.stream().mapToInt(Integer::intValue).toArray();
            return new Signature(
                    method, info, positions, valueFormat, context, stream, streamFormat, resultFormat, flux);
        }

        private Shape shape(boolean flux) {
            if (stream < 0) {
                return flux ? Shape.SERVER_STREAM : Shape.UNARY;
            }
            return flux ? Shape.BOTH_STREAM : Shape.CLIENT_STREAM;
        }

        private void readParameter(int at) {
            Type type = Types.resolve(method.getGenericParameterTypes()[at], variables);
            String parameter = method.getParameters()[at].getName();
            String where = source + ", parameter " + parameter + ": ";
            if (type == RpcContext.class) {
                if (context >= 0) {
                    complain(where + "a second RpcContext (expected: at most one)");
                }
                context = at;
            } else if (Types.raw(type) == Flux.class) {
                readStream(at, parameter, where, type);
            } else if (Publisher.class.isAssignableFrom(Types.raw(type))) {
                complain(where + Types.name(type) + " (expected: a value, or a Flux of values or of ByteBuf)");
            } else {
                complainOf(where, Types.hindrance(type));
                values.add(at);
                valueNames.add(parameter);
                valueTypes.add(type);
                parameters.add(new Parameter(parameter, Types.name(type), false));
            }
        }

        private void readStream(int at, String parameter, String where, Type type) {
            Type element = Types.argument(type);
            if (stream >= 0) {
                complain(where + "a second Flux (expected: at most one)");
            } else if (element == null) {
                complain(where + "Flux (expected: with the type of its elements)");
            } else if (!complainOf(where, Types.hindrance(element))) {
                String elements = Types.name(element);
                streamFormat = format(
                        where, element, codec -> Format.ofInput(codec, name + ": " + parameter, elements, limits));
                parameters.add(new Parameter(parameter, elements, true));
            }
            stream = at;
        }

        private @Nullable Format valueFormat() {
            if (valueTypes.isEmpty() || valueTypes.stream().anyMatch(type -> Types.hindrance(type) != null)) {
                return null;
            }
            if (valueTypes.size() == 1) {
                Type type = valueTypes.get(0);
                String where = source + ", parameter " + valueNames.get(0) + ": ";
                if (type == ByteBuf.class && stream >= 0) {
                    complain(where + "a ByteBuf in front of a stream (expected: a value, or no stream)");
                    return null;
                }
                String only = name + ": " + valueNames.get(0);
                return format(where, type, codec -> Format.ofInput(codec, only, Types.name(type), limits));
            }
            return tupleFormat();
        }

        private @Nullable Format tupleFormat() {
            boolean alone = true;
            for (int i = 0; i < valueTypes.size(); i++) {
                Type type = valueTypes.get(i);
                if (type == ByteBuf.class || Types.isMessage(type)) {
                    complain(source + ", parameter " + valueNames.get(i) + ": " + Types.name(type)
                            + " beside other values (expected: alone, or values that have JSON)");
                    alone = false;
                }
            }
            if (!alone) {
                return null;
            }
            try {
                Codec<?> codec = codecs.findTuple(valueNames, valueTypes);
                if (codec != null) {
                    return Format.ofInput(codec, name, null, limits);
                }
                complain(source + ": no codec for several values (expected: one value, or a codec)");
            } catch (IllegalArgumentException e) {
                complain(source + ": " + e.getMessage());
            }
            return null;
        }

        private @Nullable Type resultType() {
            Class<?> raw = method.getReturnType();
            Type type = Types.resolve(method.getGenericReturnType(), variables);
            Type argument = Types.argument(type);
            if ((raw != Mono.class && raw != Flux.class) || argument == null) {
                complain(source + ", result: " + Types.name(type) + " (expected: Mono<R>, Mono<Void> or Flux<R>)");
                return null;
            }
            if (argument == Void.class && raw == Mono.class) {
                return argument;
            }
            return complainOf(source + ", result: ", Types.hindrance(argument)) ? null : argument;
        }

        private @Nullable Format resultFormat(Type type) {
            return format(
                    source + ", result: ",
                    type,
                    codec -> Format.ofResult(codec, name + ": result", Types.name(type), limits));
        }

        private @Nullable Format format(String where, Type type, Function<@Nullable Codec<?>, Format> make) {
            if (type == ByteBuf.class) {
                return make.apply(null);
            }
            try {
                Codec<?> codec = codecs.find(type);
                if (codec != null) {
                    return make.apply(codec);
                }
                complain(where + Types.name(type) + " (expected: a type with a codec)");
            } catch (IllegalArgumentException e) {
                complain(where + e.getMessage());
            }
            return null;
        }

        private boolean complainOf(String where, @Nullable String hindrance) {
            if (hindrance == null) {
                return false;
            }
            complain(where + hindrance);
            return true;
        }
    }
}
