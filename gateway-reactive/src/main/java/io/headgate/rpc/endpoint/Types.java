package io.headgate.rpc.endpoint;

import io.netty.buffer.ByteBuf;
import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** What signatures are made of. */
final class Types {

    private static final String MESSAGE = "com.google.protobuf.MessageLite";

    private Types() {}

    /** A generic type whose arguments are known. */
    @SuppressWarnings("ArrayRecordComponent") // not compared, and copied on its way out
    private record Known(
            Class<?> raw, Type[] arguments, @Nullable Type owner) implements ParameterizedType {

        @Override
        public Type[] getActualTypeArguments() {
            return arguments.clone();
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return owner;
        }

        @Override
        public String getTypeName() {
            return name(this);
        }
    }

    /** The name for people: {@code Map<String, List<Entry>>}. */
    static String name(Type type) {
        if (type instanceof Class<?> known) {
            return known.isArray() ? name(known.getComponentType()) + "[]" : known.getSimpleName();
        }
        if (type instanceof ParameterizedType generic) {
            return Arrays.stream(generic.getActualTypeArguments())
                    .map(Types::name)
                    .collect(Collectors.joining(", ", name(generic.getRawType()) + '<', ">"));
        }
        if (type instanceof GenericArrayType array) {
            return name(array.getGenericComponentType()) + "[]";
        }
        if (type instanceof WildcardType wild) {
            return wild.getLowerBounds().length > 0
                    ? "? super " + name(wild.getLowerBounds()[0])
                    : wild.getUpperBounds()[0] == Object.class ? "?" : "? extends " + name(wild.getUpperBounds()[0]);
        }
        return type.getTypeName();
    }

    /** Whether a type is a message of Protocol Buffers; does not need the library for the answer. */
    static boolean isMessage(Type type) {
        return type instanceof Class<?> known && hasSupertype(known, MESSAGE);
    }

    private static boolean hasSupertype(Class<?> type, String name) {
        if (type.getName().equals(name)) {
            return true;
        }
        for (Class<?> parent : type.getInterfaces()) {
            if (hasSupertype(parent, name)) {
                return true;
            }
        }
        return type.getSuperclass() != null && hasSupertype(type.getSuperclass(), name);
    }

    /** The class behind a type. */
    static Class<?> raw(Type type) {
        if (type instanceof Class<?> known) {
            return known;
        }
        if (type instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (type instanceof GenericArrayType array) {
            return Array.newInstance(raw(array.getGenericComponentType()), 0).getClass();
        }
        return Object.class;
    }

    /** The argument of a generic type that has one, or null. What is read of a wildcard is of its bound. */
    static @Nullable Type argument(Type type) {
        if (!(type instanceof ParameterizedType generic) || generic.getActualTypeArguments().length != 1) {
            return null;
        }
        Type argument = generic.getActualTypeArguments()[0];
        return argument instanceof WildcardType wild && wild.getLowerBounds().length == 0
                ? wild.getUpperBounds()[0]
                : argument;
    }

    /** What keeps a type from being a value, or null. */
    static @Nullable String hindrance(Type type) {
        return hindrance(type, true);
    }

    private static @Nullable String hindrance(Type type, boolean top) {
        if (type instanceof TypeVariable<?> || (top && type instanceof WildcardType)) {
            return name(type) + " is not known (expected: a type without variables)";
        }
        Class<?> raw = raw(type);
        if (Publisher.class.isAssignableFrom(raw)) {
            return name(raw) + " is not a value (expected: no publisher within a type)";
        }
        if (ByteBuf.class.isAssignableFrom(raw) && !(top && raw == ByteBuf.class)) {
            return name(raw) + " is not a value (expected: ByteBuf alone, or as Flux<ByteBuf>)";
        }
        if (!top && isMessage(raw)) {
            return name(raw) + " has no JSON (expected: messages alone, or as elements of a Flux)";
        }
        if (raw == Void.class || raw == void.class) {
            return "Void is not a value (expected: Mono<Void> as result only)";
        }
        if (raw == RpcContext.class) {
            return "RpcContext is not a value (expected: as a parameter of its own)";
        }
        return within(type);
    }

    private static @Nullable String within(Type type) {
        Type[] parts = type instanceof ParameterizedType generic
                ? generic.getActualTypeArguments()
                : type instanceof GenericArrayType array
                        ? new Type[] {array.getGenericComponentType()}
                        : type instanceof WildcardType wild
                                ? wild.getUpperBounds()
                                : type instanceof Class<?> known && known.isArray()
                                        ? new Type[] {known.getComponentType()}
                                        : new Type[0];
        for (Type part : parts) {
            String hindrance = hindrance(part, false);
            if (hindrance != null) {
                return hindrance;
            }
        }
        return null;
    }

    /** What the type variables of the supertypes of an interface stand for. */
    static Map<TypeVariable<?>, Type> variables(Class<?> leaf) {
        Map<TypeVariable<?>, Type> known = new HashMap<>();
        collect(leaf, known);
        return known;
    }

    private static void collect(Class<?> type, Map<TypeVariable<?>, Type> known) {
        for (Type parent : type.getGenericInterfaces()) {
            if (parent instanceof ParameterizedType generic) {
                TypeVariable<?>[] variables = raw(generic).getTypeParameters();
                for (int i = 0; i < variables.length; i++) {
                    known.put(variables[i], resolve(generic.getActualTypeArguments()[i], known));
                }
            }
            collect(raw(parent), known);
        }
    }

    /** A type with its variables replaced as far as they are known. */
    static Type resolve(Type type, Map<TypeVariable<?>, Type> known) {
        if (known.isEmpty() || type instanceof Class<?>) {
            return type;
        }
        if (type instanceof TypeVariable<?> variable) {
            return known.getOrDefault(variable, variable);
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = Arrays.stream(generic.getActualTypeArguments())
                    .map(argument -> resolve(argument, known))
                    .toArray(Type[]::new);
            return new Known(raw(generic), arguments, generic.getOwnerType());
        }
        if (type instanceof GenericArrayType array) {
            Type component = resolve(array.getGenericComponentType(), known);
            return component instanceof Class<?> plain
                    ? Array.newInstance(plain, 0).getClass()
                    : (GenericArrayType) () -> component;
        }
        if (type instanceof WildcardType wild && wild.getLowerBounds().length == 0) {
            return resolve(wild.getUpperBounds()[0], known); // what is read is of the bound
        }
        return type;
    }
}
