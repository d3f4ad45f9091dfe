package io.headgate.function.driver.local;

import io.headgate.Service;
import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Runs functions of this process under the contract of those in others: the same headers, the same errors, one call at a time for
 * each instance. An image is a name that was given to the builder. There is no wall around such a function: memory is only counted,
 * a freeze does nothing, and one that blocks its thread cannot be ended.
 *
 * <pre>{@code
 * LocalDriver driver = LocalDriver.builder()
 *     .function("local:upper", LocalFunction.ofText(String::toUpperCase))
 *     .service("local:orders", orders) // any service; sees the request of the trigger's client
 *     .build();
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread may call. Functions are called on the thread that makes the call.
 *
 * <p><b>Cancellation.</b> A call that is given up is cancelled.
 */
public final class LocalDriver implements Driver {

    private final Map<String, LocalImage> images;
    private final Scheduler scheduler;
    private final Set<LocalInstance> instances = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private LocalDriver(Builder builder) {
        this.images = Map.copyOf(builder.images);
        this.scheduler = builder.scheduler;
    }

    /**
     * A builder.
     *
     * @return knows no image yet
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean runs(String image) {
        return images.containsKey(image);
    }

    @Override
    public Mono<Instance> start(InstanceSpec spec) {
        LocalImage image = images.get(spec.image());
        if (image == null) {
            return Mono.error(new FunctionException(
                    ErrorKind.IMAGE_NOT_FOUND, "image: " + spec.image() + " (expected: one that is known here)"));
        }
        return Mono.defer(() -> image.start(spec))
                .timeout(spec.startTimeout(), Mono.error(() -> late(spec)), scheduler)
                .switchIfEmpty(Mono.error(() -> failed(spec, null)))
                .onErrorMap(error -> error instanceof FunctionException ? error : failed(spec, error))
                .map(service -> running(service, spec));
    }

    private static FunctionException late(InstanceSpec spec) {
        return new FunctionException(
                ErrorKind.START_TIMED_OUT,
                "image: " + spec.image() + " was not ready (expected: within " + spec.startTimeout() + ")");
    }

    private static FunctionException failed(InstanceSpec spec, @Nullable Throwable cause) {
        return new FunctionException(ErrorKind.START_FAILED, "image: " + spec.image() + " could not be started", cause);
    }

    private Instance running(Service<InstanceRequest, InstanceReply> service, InstanceSpec spec) {
        LocalInstance instance = new LocalInstance(spec.id(), service, scheduler);
        instances.add(instance);
        instance.ended().subscribe(why -> instances.remove(instance));
        if (closed) {
            instance.kill("the driver is closed");
        }
        return instance;
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            closed = true;
            return Flux.fromIterable(instances)
                    .flatMap(each -> each.stop(Duration.ZERO))
                    .then();
        });
    }

    /** Collects images; not for use by several threads at once. */
    public static final class Builder {

        private final Map<String, LocalImage> images = new HashMap<>();
        private Scheduler scheduler = Schedulers.parallel();

        private Builder() {}

        /**
         * A function.
         *
         * @param image its name
         * @param function does not block
         * @return this
         */
        public Builder function(String image, LocalFunction function) {
            Objects.requireNonNull(function, "function");
            return image(image, spec -> Mono.just(new FunctionService(function, spec.environment())));
        }

        /**
         * A service. When it is called through a trigger it sees the request of the client: method, target and fields; and the client
         * sees its reply. When it is called directly it sees {@code POST /call}, and a status other than 200 is in
         * {@code fn-http-status}.
         *
         * @param image its name
         * @param service does not block
         * @return this
         */
        public Builder service(String image, Service<HttpExchange, HttpReply> service) {
            GatewayForm form = new GatewayForm(Objects.requireNonNull(service, "service"));
            return image(image, spec -> Mono.just(form));
        }

        /**
         * Instances with a start and a state of their own.
         *
         * @param name the name
         * @param image starts them
         * @return this
         */
        public Builder image(String name, LocalImage image) {
            if (images.putIfAbsent(name, Objects.requireNonNull(image, "image")) != null) {
                throw new IllegalArgumentException("image: " + name + " is there twice (expected: one of each name)");
            }
            return this;
        }

        /**
         * Where the time of starts and stops is measured.
         *
         * @param changed {@link Schedulers#parallel} unless set; stays the caller's
         * @return this
         */
        public Builder scheduler(Scheduler changed) {
            this.scheduler = Objects.requireNonNull(changed, "scheduler");
            return this;
        }

        /**
         * The driver.
         *
         * @return knows the images so far
         */
        public LocalDriver build() {
            return new LocalDriver(this);
        }
    }
}
