package io.headgate.function.dispatch;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.util.ArrayList;
import java.util.List;

/** Takes orders and carries them out when a test says so; checks that no order is out of place. */
final class ManualCrew implements Crew<Worker> {

    final List<Order> orders = new ArrayList<>();
    final List<Worker> workers = new ArrayList<>();
    final List<String> stops = new ArrayList<>();
    final Faults faults = new Faults();
    private final MachineBudget budget;
    long memory;
    long cpu;
    boolean prompt;
    private int numbers;

    ManualCrew(MachineBudget budget) {
        this.budget = budget;
    }

    /** Carries orders out at once. */
    ManualCrew prompt() {
        prompt = true;
        return this;
    }

    @Override
    public void launch(Launch<Worker> launch) {
        memory += launch.workload().memoryBytes();
        cpu += launch.workload().cpuMillis();
        faults.check(memory <= budget.memoryBytes() && cpu <= budget.cpuMillis(), "more is launched than fits");
        Order order = new Order("launch " + launch.workload(), null) {
            @Override
            void succeed() {
                Worker worker = new Worker(launch.workload(), numbers++);
                workers.add(worker);
                launch.ready(worker);
            }

            @Override
            void fail() {
                memory -= launch.workload().memoryBytes();
                cpu -= launch.workload().cpuMillis();
                launch.failed(new FunctionException(ErrorKind.START_FAILED, "does not start"));
            }
        };
        launch.onCancel(() -> order.cancelled = true);
        take(order);
    }

    @Override
    public void freeze(Worker instance, Outcome outcome) {
        faults.check(!instance.frozen && !instance.stopped && instance.calls == 0, "not to be frozen: " + instance);
        instance.frozen = true;
        take(answered("freeze", instance, outcome));
    }

    @Override
    public void unfreeze(Worker instance, Outcome outcome) {
        faults.check(instance.frozen && !instance.stopped, "not to be unfrozen: " + instance);
        take(new Order("unfreeze " + instance, instance) {
            @Override
            void succeed() {
                instance.frozen = false;
                outcome.done();
            }

            @Override
            void fail() {
                outcome.failed(new IllegalStateException("cannot unfreeze"));
            }
        });
    }

    @Override
    public void stop(Worker instance, String why, Outcome outcome) {
        faults.check(!instance.stopped, "stopped twice: " + instance);
        instance.stopped = true;
        stops.add(instance + ": " + why);
        take(new Order("stop " + instance, instance) {
            @Override
            void succeed() {
                gone();
                outcome.done();
            }

            @Override
            void fail() {
                gone();
                outcome.failed(new IllegalStateException("cannot stop"));
            }

            private void gone() {
                memory -= instance.workload.memoryBytes();
                cpu -= instance.workload.cpuMillis();
                workers.remove(instance);
            }
        });
    }

    private Order answered(String what, Worker instance, Outcome outcome) {
        return new Order(what + " " + instance, instance) {
            @Override
            void succeed() {
                outcome.done();
            }

            @Override
            void fail() {
                outcome.failed(new IllegalStateException("cannot " + what));
            }
        };
    }

    private void take(Order order) {
        if (prompt) {
            order.succeed();
        } else {
            orders.add(order);
        }
    }

    void succeed() {
        orders.remove(0).succeed();
    }

    void fail() {
        orders.remove(0).fail();
    }

    abstract static class Order {

        final String what;
        final Worker worker;
        boolean cancelled;

        Order(String what, Worker worker) {
            this.what = what;
            this.worker = worker;
        }

        abstract void succeed();

        abstract void fail();

        @Override
        public String toString() {
            return what;
        }
    }
}
