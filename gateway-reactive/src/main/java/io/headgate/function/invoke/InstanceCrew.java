package io.headgate.function.invoke;

import io.headgate.function.dispatch.Crew;
import io.headgate.function.dispatch.Dispatcher;
import io.headgate.function.dispatch.Launch;
import io.headgate.function.dispatch.Workload;
import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.log.FunctionLogs;
import io.headgate.function.log.OutputRouter;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Has the drivers do what the dispatcher orders. */
final class InstanceCrew implements Crew<LiveInstance> {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceCrew.class);

    private final List<Driver> drivers;
    private final FunctionLogs logs;
    private final Duration startTimeout;
    private final Duration stopGrace;
    private final AtomicLong instances = new AtomicLong();
    private volatile @Nullable Dispatcher<LiveInstance> dispatcher;

    InstanceCrew(List<Driver> drivers, FunctionLogs logs, Duration startTimeout, Duration stopGrace) {
        this.drivers = List.copyOf(drivers);
        this.logs = logs;
        this.startTimeout = startTimeout;
        this.stopGrace = stopGrace;
    }

    /** Whom to tell of instances that end by themselves; set once, before the first order. */
    void serve(Dispatcher<LiveInstance> served) {
        this.dispatcher = served;
    }

    @Override
    public void launch(Launch<LiveInstance> launch) {
        Workload workload = launch.workload();
        Fn fn = workload.fn();
        Driver driver = driver(fn.image());
        if (driver == null) {
            launch.failed(new FunctionException(
                    ErrorKind.IMAGE_NOT_FOUND, "image: " + fn.image() + " (expected: one that a driver knows)"));
            return;
        }
        String id = "i" + instances.incrementAndGet();
        OutputRouter output = logs.router(workload.app(), fn, id);
        InstanceSpec spec = new InstanceSpec(
                id,
                fn.image(),
                fn.memoryMb(),
                Environment.of(workload.app(), fn, output.environment()),
                startTimeout,
                output);
        LaunchSubscriber start = new LaunchSubscriber(this, launch, id, output);
        launch.onCancel(start::giveUp);
        Mono.defer(() -> driver.start(spec)).subscribe(start);
    }

    private @Nullable Driver driver(String image) {
        for (Driver driver : drivers) {
            if (driver.runs(image)) {
                return driver;
            }
        }
        return null;
    }

    /** The instance is the dispatcher's first: it would not know of one that ends before. */
    void ready(Launch<LiveInstance> launch, LiveInstance live) {
        LOG.debug("{} is ready", live);
        launch.ready(live);
        live.instance()
                .ended()
                .defaultIfEmpty("ended")
                .onErrorResume(e -> Mono.just(String.valueOf(e)))
                .subscribe(why -> {
                    live.markOver();
                    Objects.requireNonNull(dispatcher, "dispatcher").ended(live, why);
                });
    }

    /** An instance that came when nobody wanted it any more. */
    void drop(Instance instance, OutputRouter output) {
        instance.stop(Duration.ZERO)
                .subscribe(
                        null,
                        error -> {
                            LOG.warn("an unwanted instance did not stop", error);
                            output.close();
                        },
                        output::close);
    }

    @Override
    public void freeze(LiveInstance live, Outcome outcome) {
        live.instance().freeze().subscribe(null, outcome::failed, outcome::done);
    }

    @Override
    public void unfreeze(LiveInstance live, Outcome outcome) {
        live.instance().unfreeze().subscribe(null, outcome::failed, outcome::done);
    }

    @Override
    public void stop(LiveInstance live, String why, Outcome outcome) {
        LOG.debug("{} is stopped: {}", live, why);
        live.markStopped();
        live.instance()
                .stop(stopGrace)
                .subscribe(
                        null,
                        error -> {
                            live.output().close();
                            outcome.failed(error);
                        },
                        () -> {
                            live.output().close();
                            outcome.done();
                        });
    }
}
