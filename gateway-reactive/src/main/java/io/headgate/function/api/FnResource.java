package io.headgate.function.api;

import io.headgate.function.store.FunctionStore;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** {@code /v2/fns}. */
final class FnResource {

    private final FunctionStore store;
    private final JsonBodies bodies;
    private final CallUrls urls;

    FnResource(FunctionStore store, JsonBodies bodies, CallUrls urls) {
        this.store = store;
        this.bodies = bodies;
        this.urls = urls;
    }

    void addTo(ApiRoutes.Builder routes) {
        routes.add("GET", "/v2/fns", this::list)
                .add("POST", "/v2/fns", this::create)
                .add("GET", "/v2/fns/{fn_id}", this::get)
                .add("PUT", "/v2/fns/{fn_id}", this::update)
                .add("DELETE", "/v2/fns/{fn_id}", this::delete);
    }

    private Mono<HttpReply> list(ApiRequest request) {
        String appId = QueryReader.required(request, "app_id");
        return store.fns(appId, request.query("name"), QueryReader.page(request))
                .map(page -> EntityWriter.reply(page, fn -> urls.invoked(request.exchange(), fn)));
    }

    private Mono<HttpReply> create(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.createFn(EntityReader.fn(body)))
                .map(fn -> EntityWriter.reply(urls.invoked(request.exchange(), fn)));
    }

    private Mono<HttpReply> get(ApiRequest request) {
        return store.fn(request.parameter("fn_id")).map(fn -> EntityWriter.reply(urls.invoked(request.exchange(), fn)));
    }

    /** Without the URL, as Fn has it: the reply is what is kept. */
    private Mono<HttpReply> update(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.updateFn(request.parameter("fn_id"), EntityReader.fnPatch(body)))
                .map(fn -> EntityWriter.reply(EntityWriter.fn(fn)));
    }

    private Mono<HttpReply> delete(ApiRequest request) {
        return store.deleteFn(request.parameter("fn_id")).thenReturn(HttpReply.of(204));
    }
}
