package io.headgate.function.api;

import io.headgate.function.model.Trigger;
import io.headgate.function.store.FunctionStore;
import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** {@code /v2/triggers}. */
final class TriggerResource {

    private final FunctionStore store;
    private final JsonBodies bodies;
    private final CallUrls urls;

    TriggerResource(FunctionStore store, JsonBodies bodies, CallUrls urls) {
        this.store = store;
        this.bodies = bodies;
        this.urls = urls;
    }

    void addTo(ApiRoutes.Builder routes) {
        routes.add("GET", "/v2/triggers", this::list)
                .add("POST", "/v2/triggers", this::create)
                .add("GET", "/v2/triggers/{trigger_id}", this::get)
                .add("PUT", "/v2/triggers/{trigger_id}", this::update)
                .add("DELETE", "/v2/triggers/{trigger_id}", this::delete);
    }

    private Mono<HttpReply> list(ApiRequest request) {
        String appId = QueryReader.required(request, "app_id");
        return store.triggers(appId, request.query("fn_id"), request.query("name"), QueryReader.page(request))
                .flatMap(page -> page.items().isEmpty()
                        ? Mono.just(EntityWriter.reply(page, EntityWriter::trigger))
                        : store.app(appId)
                                .map(app -> EntityWriter.reply(
                                        page, trigger -> urls.triggered(request.exchange(), trigger, app.name()))));
    }

    private Mono<HttpReply> create(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.createTrigger(EntityReader.trigger(body)))
                .flatMap(trigger -> withUrl(request, trigger));
    }

    private Mono<HttpReply> get(ApiRequest request) {
        return store.trigger(request.parameter("trigger_id")).flatMap(trigger -> withUrl(request, trigger));
    }

    /** Without the URL, as Fn has it: the reply is what is kept. */
    private Mono<HttpReply> update(ApiRequest request) {
        return bodies.of(request)
                .flatMap(body -> store.updateTrigger(request.parameter("trigger_id"), EntityReader.triggerPatch(body)))
                .map(trigger -> EntityWriter.reply(EntityWriter.trigger(trigger)));
    }

    private Mono<HttpReply> delete(ApiRequest request) {
        return store.deleteTrigger(request.parameter("trigger_id")).thenReturn(HttpReply.of(204));
    }

    private Mono<HttpReply> withUrl(ApiRequest request, Trigger trigger) {
        return store.app(trigger.appId())
                .map(app -> EntityWriter.reply(urls.triggered(request.exchange(), trigger, app.name())));
    }
}
