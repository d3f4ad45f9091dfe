package io.headgate.rpc.zrepl;

import io.headgate.rpc.internal.Teardown;
import java.util.List;

/**
 * What the four layers do when they are taken down, in the order of the original: Close and its answer, a reset each way, and
 * what the original left to its caller and nobody did: half close, reading to the end, close.
 *
 * <pre>
 *   layer      drains                       says                   is closed when
 *   calls      the calls under way end      Close, or its answer   Close was answered; the acceptor has no word of its own
 *   messages   nothing                      RST                    the RST of the other side came, or its end
 *   frames     all is written out           half close             at once
 *   bytes      reads to the end             close                  the channel is closed
 * </pre>
 */
final class Layers {

    /** What the layers do it with. */
    interface Work {

        void drainCalls();

        void cutCalls();

        void closeCalls();

        void sayReset();

        void writeOut();

        void halfClose();

        void readToEnd();

        void closeChannel();
    }

    private record Step(String name, Runnable draining, Runnable cutting, Runnable closing) implements Teardown.Layer {

        @Override
        public void drain() {
            draining.run();
        }

        @Override
        public void cut() {
            cutting.run();
        }

        @Override
        public void close() {
            closing.run();
        }
    }

    final Teardown.Layer calls;
    final Teardown.Layer messages;
    final Teardown.Layer frames;
    final Teardown.Layer bytes;
    final Teardown teardown;

    Layers(Work work, long openNanos, long closeNanos, long now, Teardown.Listener listener) {
        Runnable nothing = () -> {};
        calls = new Step("calls", work::drainCalls, work::cutCalls, work::closeCalls);
        messages = new Step("messages", this::messagesDrained, nothing, work::sayReset);
        frames = new Step("frames", work::writeOut, nothing, work::halfClose);
        bytes = new Step("bytes", work::readToEnd, nothing, work::closeChannel);
        teardown = new Teardown(List.of(calls, messages, frames, bytes), openNanos, closeNanos, now, listener);
    }

    void opened() {
        teardown.opened(bytes);
        teardown.opened(frames);
        teardown.opened(messages);
        teardown.opened(calls);
    }

    private void messagesDrained() {
        teardown.drained(messages);
    }
}
