package io.headgate.forward;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;

class ForwardedContractTest extends StageContract {

    @Override
    protected Stage<HttpExchange, HttpReply> stage() {
        return Forwarded.create();
    }

    @Override
    protected boolean rewrites() {
        return true; // the fields of every request
    }

    @Override
    protected boolean allocates() {
        return true;
    }
}
