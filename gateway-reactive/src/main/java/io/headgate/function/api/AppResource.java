package io.headgate.function.api;

import io.headgate.function.store.FunctionStore;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** {@code /v2/apps}. */
final class AppResource {

    private final FunctionStore store;
    private final JsonBodies bodies;

    AppResource(FunctionStore store, JsonBodies bodies) {
        this.store = store;
        this.bodies = bodies;
    }

    void addTo(ApiRoutes.Builder routes) {
        routes.add("GET", "/v2/apps", this::list)
                .add("POST", "/v2/apps", this::create)
                .add("GET", "/v2/apps/{app_id}", this::get)
                .add("PUT", "/v2/apps/{app_id}", this::update)
                .add("DELETE", "/v2/apps/{app_id}", this::delete);
    }

    private Mono<HttpReply> list(ApiRequest request) {
        return store.apps(request.query("name"), QueryReader.page(request))
                .map(page -> EntityWriter.reply(page, EntityWriter::app));
    }

    private Mono<HttpReply> create(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.createApp(EntityReader.app(body)))
                .map(app -> EntityWriter.reply(EntityWriter.app(app)));
    }

    private Mono<HttpReply> get(ApiRequest request) {
        return store.app(request.parameter("app_id")).map(app -> EntityWriter.reply(EntityWriter.app(app)));
    }

    private Mono<HttpReply> update(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.updateApp(request.parameter("app_id"), EntityReader.appPatch(body)))
                .map(app -> EntityWriter.reply(EntityWriter.app(app)));
    }

    private Mono<HttpReply> delete(ApiRequest request) {
        return store.deleteApp(request.parameter("app_id")).thenReturn(HttpReply.of(204));
    }
}
