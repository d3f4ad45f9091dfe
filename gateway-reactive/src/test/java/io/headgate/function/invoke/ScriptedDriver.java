package io.headgate.function.invoke;

import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/** A driver whose instances do what a test says, and which writes down what must never happen. */
final class ScriptedDriver implements Driver {

    private final List<Start> starts = new CopyOnWriteArrayList<>();
    private final List<Running> instances = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private volatile boolean startsByHand;
    private volatile int mostAtOnce = 1;
    private volatile Runnable whenCalled = () -> {};
    private volatile int closes;

    /** From now on instances are ready when the test says so. */
    void startByHand() {
        startsByHand = true;
    }

    /** How many calls an instance may have at once. */
    void mostAtOnce(int calls) {
        mostAtOnce = calls;
    }

    /** Runs when an instance is called, before it has the call. */
    void whenCalled(Runnable task) {
        whenCalled = task;
    }

    List<Start> starts() {
        return starts;
    }

    List<Running> instances() {
        return instances;
    }

    Running onlyInstance() {
        if (instances.size() != 1) {
            throw new AssertionError("instances: " + instances.size() + " (expected: 1)");
        }
        return instances.get(0);
    }

    List<String> violations() {
        return violations;
    }

    int closes() {
        return closes;
    }

    @Override
    public boolean runs(String image) {
        return image.startsWith("scripted");
    }

    @Override
    public Mono<Instance> start(InstanceSpec spec) {
        Start start = new Start(spec);
        starts.add(start);
        if (!startsByHand) {
            start.ready();
        }
        return start.outcome.asMono().doOnCancel(() -> start.cancels.incrementAndGet());
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(() -> closes++);
    }

    final class Start {

        private final InstanceSpec spec;
        private final Sinks.One<Instance> outcome = Sinks.one();
        private final AtomicInteger cancels = new AtomicInteger();

        Start(InstanceSpec spec) {
            this.spec = spec;
        }

        InstanceSpec spec() {
            return spec;
        }

        int cancels() {
            return cancels.get();
        }

        Running ready() {
            Running instance = new Running(spec);
            instances.add(instance);
            outcome.tryEmitValue(instance);
            return instance;
        }

        void fail(Throwable error) {
            outcome.tryEmitError(error);
        }
    }

    final class Running implements Instance {

        private final InstanceSpec spec;
        private final List<Call> calls = new CopyOnWriteArrayList<>();
        private final Sinks.One<String> ended = Sinks.one();
        private final AtomicInteger running = new AtomicInteger();
        private volatile boolean frozen;
        private volatile boolean over;
        private volatile int stops;

        Running(InstanceSpec spec) {
            this.spec = spec;
        }

        InstanceSpec spec() {
            return spec;
        }

        List<Call> calls() {
            return calls;
        }

        Call lastCall() {
            return calls.get(calls.size() - 1);
        }

        int stops() {
            return stops;
        }

        void die(String why) {
            over = true;
            ended.tryEmitValue(why);
        }

        @Override
        public Mono<InstanceReply> call(InstanceRequest request) {
            whenCalled.run();
            return new Mono<>() {
                @Override
                public void subscribe(CoreSubscriber<? super InstanceReply> actual) {
                    if (over || frozen) {
                        violations.add("called " + (over ? "dead " : "frozen ") + spec.id());
                    }
                    if (running.incrementAndGet() > mostAtOnce) {
                        violations.add("too many calls at once at " + spec.id());
                    }
                    Call call = new Call(Running.this, request, actual);
                    calls.add(call);
                    actual.onSubscribe(call);
                }
            };
        }

        @Override
        public Mono<Void> freeze() {
            return Mono.fromRunnable(() -> frozen = true);
        }

        @Override
        public Mono<Void> unfreeze() {
            return Mono.fromRunnable(() -> frozen = false);
        }

        @Override
        public Mono<String> ended() {
            return ended.asMono();
        }

        @Override
        public Mono<Void> stop(Duration grace) {
            return Mono.fromRunnable(() -> {
                stops++;
                die("stopped");
            });
        }
    }

    /** A call that an instance got. */
    static final class Call implements Subscription {

        private final Running instance;
        private final InstanceRequest request;
        private final CoreSubscriber<? super InstanceReply> actual;
        private final AtomicInteger done = new AtomicInteger();
        private volatile int cancels;

        Call(Running instance, InstanceRequest request, CoreSubscriber<? super InstanceReply> actual) {
            this.instance = instance;
            this.request = request;
            this.actual = actual;
        }

        Fields fields() {
            return request.fields();
        }

        Body input() {
            return request.body();
        }

        boolean outputFirst() {
            return request.outputFirst();
        }

        int cancels() {
            return cancels;
        }

        private boolean end() {
            if (done.compareAndSet(0, 1)) {
                request.body().discard();
                instance.running.decrementAndGet();
                return true;
            }
            return false;
        }

        /** A reply whose body the test goes on with. */
        ScriptedBody reply(int status, Fields fields) {
            ScriptedBody body = ScriptedBody.create();
            reply(status, fields, body);
            return body;
        }

        void reply(int status, Fields fields, @Nullable Body body) {
            Body sent = body == null ? Body.empty() : body;
            if (end()) {
                actual.onNext(new InstanceReply(status, fields, sent));
                actual.onComplete();
            } else {
                sent.discard();
            }
        }

        void fail(Throwable error) {
            if (end()) {
                actual.onError(error);
            }
        }

        /** Nobody listens: the request is its caller's again. */
        void refuse() {
            if (done.compareAndSet(0, 1)) {
                instance.running.decrementAndGet();
                actual.onError(InstanceFailure.of(InstanceFailure.Reason.UNREACHABLE, "nobody listens", null));
            }
        }

        void nothing() {
            if (end()) {
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            cancels++;
            end();
        }
    }
}
