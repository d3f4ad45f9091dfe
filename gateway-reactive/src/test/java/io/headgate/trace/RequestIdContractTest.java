package io.headgate.trace;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;

class RequestIdContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        return RequestId.create().withReply(true);
    }

    @Override
    protected boolean rewrites() {
        return true; // every request, and the fields of every reply
    }

    @Override
    protected boolean allocates() {
        return true;
    }
}
