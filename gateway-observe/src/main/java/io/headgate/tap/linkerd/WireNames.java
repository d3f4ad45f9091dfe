package io.headgate.tap.linkerd;

import io.headgate.tap.linkerd.internal.wire.HttpMethod;
import io.headgate.tap.linkerd.internal.wire.Scheme;
import java.util.Locale;

/** Methods and schemes as the wire spells them: by number when they are registered, else by name. */
final class WireNames {

    private WireNames() {}

    static HttpMethod method(String method) {
        for (HttpMethod.Registered registered : HttpMethod.Registered.values()) {
            if (registered != HttpMethod.Registered.UNRECOGNIZED
                    && registered.name().equals(method)) {
                return HttpMethod.newBuilder().setRegistered(registered).build();
            }
        }
        return HttpMethod.newBuilder().setUnregistered(method).build();
    }

    static Scheme scheme(String scheme) {
        return switch (scheme) {
            case "http" ->
                Scheme.newBuilder().setRegistered(Scheme.Registered.HTTP).build();
            case "https" ->
                Scheme.newBuilder().setRegistered(Scheme.Registered.HTTPS).build();
            default -> Scheme.newBuilder().setUnregistered(scheme).build();
        };
    }

    /** Empty when it is not known. */
    static String name(HttpMethod method) {
        return switch (method.getTypeCase()) {
            case REGISTERED ->
                method.getRegistered() == HttpMethod.Registered.UNRECOGNIZED
                        ? ""
                        : method.getRegistered().name();
            case UNREGISTERED -> method.getUnregistered();
            case TYPE_NOT_SET -> "";
        };
    }

    /** In lower case; empty when it is not known. */
    static String name(Scheme scheme) {
        return switch (scheme.getTypeCase()) {
            case REGISTERED ->
                scheme.getRegistered() == Scheme.Registered.UNRECOGNIZED
                        ? ""
                        : scheme.getRegistered().name().toLowerCase(Locale.ROOT);
            case UNREGISTERED -> scheme.getUnregistered().toLowerCase(Locale.ROOT);
            case TYPE_NOT_SET -> "";
        };
    }
}
