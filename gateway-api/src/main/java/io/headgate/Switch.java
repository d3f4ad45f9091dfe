package io.headgate;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns a concern on and off while it is in use; see {@link Stage#switched}. Any thread may turn it, and calls that begin
 * afterwards on any thread see it. Calls that have begun go on as they began.
 */
public final class Switch {

    private volatile boolean on;
    private final List<WeakReference<SwitchedRun<?, ?>>> runs = new ArrayList<>(1); // guarded by itself

    private Switch(boolean on) {
        this.on = on;
    }

    /**
     * A switch that is off.
     *
     * @return the switch
     */
    public static Switch off() {
        return new Switch(false);
    }

    /**
     * A switch that is on.
     *
     * @return the switch
     */
    public static Switch on() {
        return new Switch(true);
    }

    /**
     * Turns it.
     *
     * @param value whether the concern has an effect from now on
     */
    public void turn(boolean value) {
        synchronized (runs) {
            on = value;
            for (WeakReference<SwitchedRun<?, ?>> known : runs) {
                SwitchedRun<?, ?> run = known.get();
                if (run != null) {
                    run.look();
                }
            }
        }
    }

    /** Tells a run of stages of each turn, for as long as somebody uses it. */
    void tell(SwitchedRun<?, ?> run) {
        synchronized (runs) {
            runs.removeIf(known -> known.get() == null);
            runs.add(new WeakReference<>(run));
        }
    }

    /**
     * How it is turned.
     *
     * @return true when the concern has an effect
     */
    public boolean isOn() {
        return on;
    }

    @Override
    public String toString() {
        return on ? "on" : "off";
    }
}
