package io.headgate.route;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;
import reactor.test.scheduler.VirtualTimeScheduler;

class RouterContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("it", "it").withPath("/"))
                .build();
        // a scheduler of its own: the look for idle services belongs to no call
        return next -> Router.of(
                table, ServiceCache.of(key -> next, ServiceCacheSettings.DEFAULTS, VirtualTimeScheduler.create()));
    }

    @Override
    protected HttpExchange exchange(Body body) {
        return TestExchange.post("/", body);
    }

    @Override
    protected boolean allocates() {
        return true; // the subscriber that watches for the end
    }

    @Override
    protected boolean rewrites() {
        return true; // the body of the reply is watched: another object, with the same content
    }
}
