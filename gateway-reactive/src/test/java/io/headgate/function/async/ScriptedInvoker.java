package io.headgate.function.async;

import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationReply;
import io.headgate.function.invoke.Invoker;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Runs functions as a test says. */
final class ScriptedInvoker implements Invoker {

    final List<Run> runs = new ArrayList<>();
    private final ByteBufAllocator allocator;

    ScriptedInvoker(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    @Override
    public Mono<InvocationReply> invoke(Invocation invocation) {
        Run run = new Run(invocation);
        return invocation.payload().asString(1 << 20).flatMap(payload -> {
            run.payload = payload;
            runs.add(run);
            return run.answer.asMono().doOnCancel(() -> run.isCancelled = true);
        });
    }

    Run run(int number) {
        return runs.get(number - 1);
    }

    Run last() {
        return runs.get(runs.size() - 1);
    }

    final class Run {

        final Invocation invocation;

        @Nullable String payload;

        boolean isCancelled;
        private final Sinks.One<InvocationReply> answer = Sinks.one();

        Run(Invocation invocation) {
            this.invocation = invocation;
        }

        Run start() {
            invocation.watch().started(false, 0);
            return this;
        }

        Run print(String text) {
            ByteBuf bytes = ByteBufUtil.writeUtf8(allocator, text);
            try {
                invocation.watch().printed(bytes);
            } finally {
                bytes.release();
            }
            return this;
        }

        void answer(String text) {
            answer(Fields.empty(), text.getBytes(StandardCharsets.UTF_8));
        }

        void answer(Fields fields, byte[] body) {
            answer.tryEmitValue(
                    new InvocationReply(fields, Body.of(allocator.buffer().writeBytes(body))));
        }

        void answer(Body body) {
            answer.tryEmitValue(new InvocationReply(Fields.empty(), body));
        }

        void fail(ErrorKind kind) {
            fail(new FunctionException(kind, "kind: " + kind));
        }

        void fail(Throwable error) {
            answer.tryEmitError(error);
        }
    }
}
