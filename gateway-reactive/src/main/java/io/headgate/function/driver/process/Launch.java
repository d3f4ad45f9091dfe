package io.headgate.function.driver.process;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/** One start of a process, from its directory to the link that says that it listens. It is decided once: ready, failed or given up. */
final class Launch {

    private static final Logger LOG = LoggerFactory.getLogger(Launch.class);

    private static final File NOTHING = new File("/dev/null");

    private final Premises premises;
    private final InstanceSpec spec;
    private final MonoSink<Instance> sink;
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile @Nullable ProcessInstance instance;
    private volatile @Nullable WatchKey watch;
    private volatile @Nullable Disposable timer;

    Launch(Premises premises, InstanceSpec spec, MonoSink<Instance> sink) {
        this.premises = premises;
        this.spec = spec;
        this.sink = sink;
    }

    /** Blocks, but not until the process is ready. */
    void begin(ProcessImage image) {
        Path directory;
        try {
            directory = premises.workspace().newInstance();
        } catch (IOException e) {
            sink.error(failed("no directory for its socket", e));
            return;
        }
        try {
            watch = premises.watch().add(directory, this::look); // before the start, or the link may be missed
            instance = start(image, directory);
        } catch (IOException | IllegalArgumentException e) {
            unwatch();
            premises.remove(directory);
            sink.error(failed("cannot be started", e));
            return;
        }
        follow(instance);
    }

    /** setsid makes the process the leader of a session and a group, by which all that it starts is found. */
    private ProcessInstance start(ProcessImage image, Path directory) throws IOException {
        List<String> command = new ArrayList<>(List.of(premises.setsid()));
        command.addAll(image.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(image.directory().toFile())
                .redirectInput(NOTHING)
                .redirectErrorStream(true);
        Path listener = directory.resolve(Workspace.LISTENER);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", Programs.path());
        environment.put("FN_FORMAT", "http-stream");
        environment.putAll(spec.environment());
        environment.put("FN_LISTENER", "unix:" + listener);
        Process process = builder.start();
        ProcessInstance started = premises.take(spec, process, directory, listener);
        try {
            premises.keeper().keep(process.pid());
        } catch (IOException e) {
            started.stop(Duration.ZERO).subscribe();
            throw e;
        }
        return started;
    }

    private void follow(ProcessInstance started) {
        timer = premises.timers().schedule(this::late, spec.startTimeout().toNanos(), TimeUnit.NANOSECONDS);
        sink.onCancel(this::giveUp);
        started.gone().then(started.ended()).subscribe(why -> {
            if (decide()) {
                sink.error(failed(why + " before it was ready", null));
            }
        });
        look(); // the link may have been made before there was an instance to tell of
        if (decided.get() && timer != null) {
            timer.dispose();
        }
    }

    /** Something has been created in the directory. */
    private void look() {
        ProcessInstance ready = instance;
        if (ready == null || decided.get()) {
            return;
        }
        try {
            if (Readiness.check(ready.directory()) && decide()) {
                sink.success(ready);
            }
        } catch (IOException e) {
            if (decide()) {
                fail(failed(String.valueOf(e.getMessage()), null));
            }
        }
    }

    private void late() {
        if (decide()) {
            String message = "instance of " + spec.image() + ": not ready after "
                    + spec.startTimeout().toMillis() + " ms (expected: a socket at FN_LISTENER)";
            fail(new FunctionException(ErrorKind.START_TIMED_OUT, message));
        }
    }

    /** Whoever leaves has not been given the instance, not even when it became ready a moment ago. */
    private void giveUp() {
        decide();
        end(() -> {});
    }

    private boolean decide() {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        Schedulers.boundedElastic().schedule(this::unwatch); // waits for the thread of the watch
        if (timer != null) {
            timer.dispose();
        }
        return true;
    }

    private void unwatch() {
        WatchKey key = watch;
        if (key != null) {
            premises.watch().remove(key);
        }
    }

    private void fail(FunctionException failure) {
        end(() -> sink.error(failure));
    }

    private void end(Runnable then) {
        ProcessInstance ending = instance;
        if (ending != null) {
            ending.stop(Duration.ZERO)
                    .subscribe(nothing -> {}, error -> LOG.warn("cannot end an instance", error), then);
        }
    }

    private FunctionException failed(String why, @Nullable Throwable cause) {
        return new FunctionException(ErrorKind.START_FAILED, "instance of " + spec.image() + ": " + why, cause);
    }
}
