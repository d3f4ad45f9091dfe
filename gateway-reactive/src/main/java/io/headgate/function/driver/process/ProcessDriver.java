package io.headgate.function.driver.process;

import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceSpec;
import reactor.core.publisher.Mono;

/**
 * Runs functions as processes, by the contract of the Fn project's function development kits.
 */
public final class ProcessDriver implements Driver {

    private final ProcessDriverSpec spec;

    private ProcessDriver(ProcessDriverSpec spec) {
        this.spec = spec;
    }

    /**
     * Opens a driver: makes its directory, removes what gateways that were killed have left below {@link ProcessDriverSpec#base}.
     *
     * @param spec what it runs
     * @return the driver, to be closed
     */
    public static Mono<ProcessDriver> open(ProcessDriverSpec spec) {
        return Mono.fromCallable(() -> new ProcessDriver(spec));
    }

    @Override
    public boolean runs(String image) {
        return spec.images().containsKey(image) || spec.nodeRoot() != null && image.startsWith("node:");
    }

    @Override
    public Mono<Instance> start(InstanceSpec instance) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
