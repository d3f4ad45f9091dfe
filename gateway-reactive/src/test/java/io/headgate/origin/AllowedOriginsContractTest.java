package io.headgate.origin;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;

class AllowedOriginsContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        return AllowedOrigins.same();
    }
}
