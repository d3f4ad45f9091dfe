package io.headgate.rpc.bridge;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;

/** Both adapters, one behind the other, out of HTTP and into it again: they keep what every stage keeps. */
class RpcHttpContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        RpcHttp bridge = RpcHttp.create();
        return next -> bridge.toHttp(bridge.toRpc(next));
    }

    @Override
    protected HttpExchange exchange(Body body) {
        HttpExchange exchange = super.exchange(body);
        return exchange.withHead(exchange.head()
                .withTarget("/Files/read")
                .withFields(
                        Fields.of("content-type", "application/octet-stream", "accept", "application/octet-stream")));
    }

    @Override
    protected boolean rewrites() {
        return true; // the head
    }

    @Override
    protected boolean allocates() {
        return true; // a call for each exchange
    }
}
