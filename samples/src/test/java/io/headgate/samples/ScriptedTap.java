package io.headgate.samples;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapRequest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/** A tap that tells what a test has written, and keeps what it was asked. */
final class ScriptedTap implements TapDial {

    private final Flux<TapEvent> events;
    final List<ListenAddress> dialled = new ArrayList<>();
    final List<TapRequest> asked = new ArrayList<>();
    int closed;

    ScriptedTap(Flux<TapEvent> events) {
        this.events = events;
    }

    @Override
    public Opened open(ListenAddress gateway) {
        dialled.add(gateway);
        return new Opened() {
            @Override
            public Flux<TapEvent> observe(TapRequest request) {
                asked.add(request);
                return events;
            }

            @Override
            public void close() {
                closed++;
            }
        };
    }

    Run run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.samples(new PrintWriter(out, true), new PrintWriter(err, true), this)
                .execute(args);
        return new Run(exitCode, out.toString(), err.toString());
    }
}
