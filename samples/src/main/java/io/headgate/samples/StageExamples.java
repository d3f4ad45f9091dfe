package io.headgate.samples;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.Stage;
import io.headgate.forward.Forwarded;
import io.headgate.forward.Networks;
import io.headgate.gateway.ListenerSpec;
import io.headgate.gateway.ProxyProtocol;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.limit.RequestLimits;
import io.headgate.mirror.Mirror;
import io.headgate.origin.AllowedOrigins;
import io.headgate.rewrite.CanonicalPath;
import io.headgate.rewrite.FieldEdits;
import io.headgate.rewrite.PathEdit;
import io.headgate.rewrite.Redirect;
import io.headgate.rewrite.Rewrite;
import io.headgate.trace.RequestId;
import java.time.Duration;

/** The examples of the pages in {@code docs/stages}, each between its tags, and the stack of {@link Stages}. */
final class StageExamples {

    private StageExamples() {}

    // tag::forwarded
    static Stage<HttpExchange, HttpReply> forwarded() {
        return Forwarded.create()
                .withTrusted(Networks.of("10.0.0.0/8", "fd00::/8")) // our load balancers
                .withRealIp(true);
    }
    // end::forwarded

    // tag::canonical-path
    static Stage<HttpExchange, HttpReply> canonicalPath() {
        return CanonicalPath.create().withMergedSlashes();
    }
    // end::canonical-path

    // tag::rewriting
    static Stage<HttpExchange, HttpReply> path() {
        return Rewrite.path(PathEdit.replace("/api/(?P<kind>orders|users)/(.*)", "/${kind}/v2/$2"));
    }

    static Stage<HttpExchange, HttpReply> host() {
        return Rewrite.host("orders.internal");
    }

    static Stage<HttpExchange, HttpReply> replyFields() {
        return FieldEdits.create()
                .remove("server")
                .set("x-content-type-options", "nosniff")
                .onReplies();
    }
    // end::rewriting

    // tag::redirects
    static Stage<HttpExchange, HttpReply> movedPath() {
        return Redirect.of(308).withPath(PathEdit.replacePrefix("/old", "/api"));
    }

    static Stage<HttpExchange, HttpReply> toHttps() {
        return Redirect.toHttps();
    }
    // end::redirects

    // tag::request-limits
    static Stage<HttpExchange, HttpReply> limits() {
        return RequestLimits.create().withBody(1024 * 1024).withTarget(2048).withFields(50);
    }
    // end::request-limits

    // tag::allowed-origins
    static Stage<HttpExchange, HttpReply> allowedOrigins() {
        return AllowedOrigins.same().with("https://app.example", "http://localhost:3000");
    }
    // end::allowed-origins

    // tag::request-id
    static Stage<HttpExchange, HttpReply> requestId() {
        return RequestId.create().withKept(Networks.of("10.0.0.0/8")).withReply(true);
    }
    // end::request-id

    // tag::mirror
    static Mirror mirror(Service<HttpExchange, HttpReply> candidate) {
        Service<HttpExchange, HttpReply> marked =
                FieldEdits.create().set("x-mirror", "1").onRequests().wrap(candidate);
        return Mirror.to(marked).withShare(0.5).withMethods("GET", "POST").withLimit(Duration.ofSeconds(5));
    }
    // end::mirror

    // tag::proxy-protocol
    static ListenerSpec behindLoadBalancers() {
        return ListenerSpec.of("0.0.0.0", 8080)
                .withProxyProtocol(ProxyProtocol.requiredFrom(Networks.of("10.0.0.0/8")));
    }
    // end::proxy-protocol

    // tag::stack
    static Stack<String, HttpExchange, HttpReply> stack(Service<HttpExchange, HttpReply> upstream, Mirror mirror) {
        return Stack.<String, HttpExchange, HttpReply>of(target -> upstream)
                .push(Role.of("host"), "lowest: nothing else should see the internal name", host())
                .push(Role.of("path"), "below the mirror, whose service has paths of its own", path())
                .push(Role.of("mirror"), "above retries and rewriting: one copy of what the client sent", mirror)
                .push(Role.of("limits"), "above the mirror: what is refused is not mirrored", limits())
                .push(Role.of("redirect"), "above the limits: a redirect needs no body", movedPath())
                .push(Role.of("canonical-path"), "above all that looks at the path", canonicalPath())
                .push(Role.of("reply-fields"), "above all that makes replies", replyFields())
                .push(Role.of("forwarded"), "above all that asks for the client", forwarded())
                .push(Role.of("request-id"), "outermost: every reply has an id", requestId());
    }
    // end::stack
}
