package io.headgate;

import java.util.Arrays;
import reactor.core.publisher.Mono;

/**
 * Switched stages that lie directly above each other, taken together: as long as all are off a call goes from the top of the
 * run to the service below it, after one look at whether any is on.
 *
 * @param <I> the input
 * @param <O> the output
 */
final class SwitchedRun<I, O> extends Layer<I, O> {

    private final Switch[] switches;
    private final Service<I, O> below;
    private final Service<I, O> each; // of the run looks at its own switch
    private volatile boolean anyOn;

    private SwitchedRun(Switch[] switches, Service<I, O> below, Service<I, O> each) {
        super("switched", each);
        this.switches = switches;
        this.below = below;
        this.each = each;
    }

    static <I, O> Service<I, O> wrap(Switch first, Stage<I, O> stage, Service<I, O> next) {
        SwitchedRun<I, O> run = next instanceof SwitchedRun<I, O> found ? found : null;
        Service<I, O> off = run == null ? next : run.each;
        Service<I, O> on = stage.wrap(off);
        if (on == off) {
            return next;
        }
        Service<I, O> own = new Layer<>(on.describe().lines().findFirst().orElse("stage"), off) {
            @Override
            public Mono<O> call(I input) {
                return (first.isOn() ? on : off).call(input);
            }
        };
        Switch[] switches = run == null ? new Switch[1] : Arrays.copyOf(run.switches, run.switches.length + 1);
        switches[switches.length - 1] = first;
        SwitchedRun<I, O> whole = new SwitchedRun<>(switches, run == null ? next : run.below, own);
        for (Switch one : switches) {
            one.tell(whole);
        }
        whole.look();
        return whole;
    }

    /** Looks at the switches; told by each that is turned. */
    synchronized void look() {
        boolean found = false;
        for (Switch one : switches) {
            found |= one.isOn();
        }
        anyOn = found;
    }

    @Override
    public Mono<O> call(I input) {
        return (anyOn ? each : below).call(input);
    }
}
