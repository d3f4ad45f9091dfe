package io.headgate.discovery.http;

import io.headgate.discovery.Json;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.test.ResolverContract;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

class HttpResolverContractTest extends ResolverContract {

    @Override
    protected Source open(Scheduler timer) {
        return new Server(timer);
    }

    private static final class Server implements Source {

        private final SourceAges ages = SourceAges.create();
        private final Resolver resolver;
        private volatile String content = "";
        private volatile boolean broken;

        Server(Scheduler timer) {
            resolver = HttpResolver.of(
                            exchange -> broken
                                    ? Mono.error(new IOException("away"))
                                    : Mono.just(reply(exchange.head().fields().get("if-none-match"))),
                            URI.create("http://control.example/endpoints"))
                    .withScheduler(timer)
                    .withObserver(ages);
        }

        private HttpReply reply(String known) {
            String tag = "\"" + Integer.toHexString(content.hashCode()) + "\"";
            return tag.equals(known)
                    ? HttpReply.of(304)
                    : HttpReply.of(200, Fields.of("etag", tag), Body.utf8(content));
        }

        @Override
        public Resolver resolver() {
            return resolver;
        }

        @Override
        public void set(List<Endpoint> endpoints) {
            content = Json.of(name(), endpoints);
        }

        @Override
        public void absent() {
            content = "{\"endpoints\": {}}";
        }

        @Override
        public boolean fails() {
            return true;
        }

        @Override
        public void breakDown() {
            broken = true;
        }

        @Override
        public void heal() {
            broken = false;
        }

        @Override
        public boolean isReleased() {
            return ages.all().isEmpty();
        }
    }
}
