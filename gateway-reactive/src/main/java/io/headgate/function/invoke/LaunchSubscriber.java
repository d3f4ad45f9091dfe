package io.headgate.function.invoke;

import io.headgate.function.dispatch.Launch;
import io.headgate.function.driver.Instance;
import io.headgate.function.log.OutputRouter;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;

/** One start of an instance; its launch is answered once. */
final class LaunchSubscriber extends BaseSubscriber<Instance> {

    private final InstanceCrew crew;
    private final Launch<LiveInstance> launch;
    private final String id;
    private final OutputRouter output;
    private final AtomicBoolean answered = new AtomicBoolean();

    LaunchSubscriber(InstanceCrew crew, Launch<LiveInstance> launch, String id, OutputRouter output) {
        this.crew = crew;
        this.launch = launch;
        this.id = id;
        this.output = output;
    }

    void giveUp() {
        if (answered.compareAndSet(false, true)) {
            cancel();
            output.close();
            launch.failed(new FunctionException(ErrorKind.BUSY, "the server is stopping"));
        }
    }

    @Override
    protected void hookOnNext(Instance instance) {
        if (answered.compareAndSet(false, true)) {
            crew.ready(launch, new LiveInstance(id, launch.workload(), instance, output));
        } else {
            crew.drop(instance, output);
        }
    }

    @Override
    protected void hookOnError(Throwable error) {
        fail(error instanceof FunctionException known ? known : failure(error));
    }

    @Override
    protected void hookOnComplete() {
        fail(failure(null));
    }

    private FunctionException failure(@Nullable Throwable cause) {
        return new FunctionException(
                ErrorKind.START_FAILED, "function: " + launch.workload() + " could not be started", cause);
    }

    private void fail(FunctionException error) {
        if (answered.compareAndSet(false, true)) {
            output.close();
            launch.failed(error);
        }
    }
}
