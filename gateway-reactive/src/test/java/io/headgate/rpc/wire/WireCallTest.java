package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireCallTest {

    @Test
    void aSmallCallIsAnswered() {
        Pair pair = Pair.of(request -> request.body()
                .asString(1000)
                .map(text -> RpcReply.of(Content.JSON, Body.utf8(request.endpoint() + ":" + text))));
        List<String> replies = new ArrayList<>();
        pair.caller
                .call(RpcRequest.of("echo", Content.JSON, Content.JSON, Body.of(pair.utf8("hello"))))
                .flatMap(reply -> reply.body().asString(1000))
                .subscribe(replies::add);
        pair.run();
        assertThat(replies).containsExactly("echo:hello");
        pair.close();
    }
}
