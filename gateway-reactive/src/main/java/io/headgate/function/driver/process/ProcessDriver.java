package io.headgate.function.driver.process;

import io.headgate.function.driver.Driver;
import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs functions as processes of the operating system, one per instance, and speaks the contract of the Fn project's function
 * development kits with them ({@code http-stream}: HTTP/1.1 {@code POST /call} over a unix socket): functions written with the npm
 * package {@code @fnproject/fdk}, for one, run unmodified.
 *
 * <p>A process has the environment of its {@link InstanceSpec}, where to listen, and {@code PATH}; nothing else of this process. It is
 * the leader of a session: what it starts is frozen, ended and killed with it. It is ended by SIGTERM and, after the grace, SIGKILL; its
 * directory is removed. When this process ends without {@link #close}, by {@code kill -9} too, so do the functions: a small shell that
 * outlives it sees to that.
 *
 * <p>Needs Linux with {@code setsid}, {@code sh} and {@code grep}. The memory of an instance is not enforced.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks. Calls are made on the event loop that makes them, if it is one of Netty's,
 * over a connection of its own. Processes are started and files are touched on Reactor's bounded elastic scheduler; per instance a
 * thread takes what it prints.
 *
 * <p><b>Calls.</b> A connection that was kept and turns out to be closed before a byte of the reply came is replaced once, if the body was
 * not longer than 64 KiB so far. Replies come as they are, of any status. Limits are those of {@link ProcessDriverSpec}.
 */
public final class ProcessDriver implements Driver {

    private final Images images;
    private final Premises premises;

    private ProcessDriver(ProcessDriverSpec spec, Premises premises) {
        this.images = new Images(spec);
        this.premises = premises;
    }

    /**
     * Opens a driver: makes its directory, and clears up after gateways that were killed with all that belonged to them. Such are
     * directories below {@link ProcessDriverSpec#base} that have the name and the lock of a driver's and that nobody has locked.
     *
     * @param spec what it runs
     * @return the driver, to be closed; fails with an {@link java.io.IOException} when the base is not fit for sockets, or a program
     *     is missing
     */
    public static Mono<ProcessDriver> open(ProcessDriverSpec spec) {
        return Mono.fromCallable(() -> Premises.open(spec))
                .flatMap(premises ->
                        Leftovers.sweep(spec.base(), premises.keeper()).thenReturn(new ProcessDriver(spec, premises)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public boolean runs(String image) {
        return images.knows(image);
    }

    @Override
    public Mono<Instance> start(InstanceSpec spec) {
        return Mono.fromCallable(() -> images.find(spec.image()))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(image -> premises.isClosed()
                        ? Mono.error(new FunctionException(ErrorKind.BUSY, "driver: closed (expected: open)"))
                        : Mono.create(sink -> new Launch(premises, spec, sink).begin(image)));
    }

    @Override
    public Mono<Void> close() {
        return premises.close();
    }
}
