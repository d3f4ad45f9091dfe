package io.headgate.function.driver.local;

import io.headgate.Service;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Turns calls through a trigger into the requests that they were made of, and replies into those of an HTTP function. */
final class GatewayForm implements Service<InstanceRequest, InstanceReply> {

    private static final String PREFIX = "Fn-Http-H-";
    private static final RequestHead DIRECT = RequestHead.of("POST", "localhost", "/call");

    private final Service<HttpExchange, HttpReply> service;

    GatewayForm(Service<HttpExchange, HttpReply> service) {
        this.service = service;
    }

    @Override
    public Mono<InstanceReply> call(InstanceRequest request) {
        boolean isHttp = "httprequest".equals(request.fields().get("fn-intent"));
        RequestHead head = isHttp ? head(request.fields()) : DIRECT.withFields(request.fields());
        return service.call(HttpExchange.of(head, request.body())).map(reply -> isHttp ? http(reply) : direct(reply));
    }

    private static RequestHead head(Fields fields) {
        String url = required(fields, "fn-http-request-url");
        int authority = url.indexOf("://") + 3;
        int target = url.indexOf('/', authority);
        if (authority < 3 || target < 0) {
            throw new IllegalArgumentException("fn-http-request-url: " + url + " (expected: an absolute URL)");
        }
        return new RequestHead(
                required(fields, "fn-http-method"),
                url.substring(0, authority - 3),
                url.substring(authority, target),
                url.substring(target),
                ofClient(fields));
    }

    private static String required(Fields fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing (expected: once, for a request through a trigger)");
        }
        return value;
    }

    /** What the client sent, and what every function sees of its call. */
    private static Fields ofClient(Fields fields) {
        CharSequence[] entries = new CharSequence[fields.size() * 2];
        int size = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = nameForService(fields.name(i).toString());
            if (name != null) {
                entries[size * 2] = name;
                entries[size * 2 + 1] = fields.value(i);
                size++;
            }
        }
        return Fields.ofValidated(entries, size);
    }

    private static @Nullable String nameForService(String name) {
        if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) && name.length() > PREFIX.length()) {
            return name.substring(PREFIX.length());
        }
        boolean isKept = name.equalsIgnoreCase("content-type")
                || name.equalsIgnoreCase("fn-call-id")
                || name.equalsIgnoreCase("fn-deadline");
        return isKept ? name : null;
    }

    private static InstanceReply http(HttpReply reply) {
        Fields.Builder fields = Fields.builder().add("Fn-Http-Status", Integer.toString(reply.status()));
        for (int i = 0; i < reply.fields().size(); i++) {
            String name = reply.fields().name(i).toString();
            fields.add(
                    name.equalsIgnoreCase("content-type") ? name : PREFIX + name,
                    reply.fields().value(i));
        }
        return new InstanceReply(200, fields.build(), reply.body());
    }

    private static InstanceReply direct(HttpReply reply) {
        Fields fields = reply.status() == 200
                ? reply.fields()
                : reply.fields().with("Fn-Http-Status", Integer.toString(reply.status()));
        return new InstanceReply(200, fields, reply.body());
    }
}
