package io.headgate.rewrite;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import io.headgate.test.TestExchange;

class CanonicalPathContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        return CanonicalPath.create().withMergedSlashes();
    }

    @Override
    protected HttpExchange exchange(Body body) {
        return TestExchange.post("/.well-known/a;v=1/%E2%82%AC/b%20c/?q=/../%2f", body);
    }
}
