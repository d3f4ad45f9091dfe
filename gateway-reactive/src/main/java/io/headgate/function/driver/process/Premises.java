package io.headgate.function.driver.process;

import io.headgate.function.driver.InstanceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What the instances of a driver share, and which there are. */
final class Premises {

    private static final Logger LOG = LoggerFactory.getLogger(Premises.class);

    private final ProcessDriverSpec spec;
    private final String setsid;
    private final Workspace workspace;
    private final Keeper keeper;
    private final DirectoryWatch watch;
    private final SocketLoops loops;
    private final Set<ProcessInstance> instances = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Premises(ProcessDriverSpec spec, String setsid, Workspace workspace, Keeper keeper, DirectoryWatch watch) {
        this.spec = spec;
        this.setsid = setsid;
        this.workspace = workspace;
        this.keeper = keeper;
        this.watch = watch;
        this.loops = new SocketLoops(spec.loops());
    }

    /** Blocks. */
    static Premises open(ProcessDriverSpec spec) throws IOException {
        String setsid = Programs.find("setsid", "of util-linux or BusyBox, to start functions as process groups");
        Programs.find("grep", "any, to find what has left its process group");
        Workspace workspace = Workspace.open(spec.base());
        Keeper keeper = new Keeper(setsid, workspace.directory());
        try {
            keeper.start();
            return new Premises(spec, setsid, workspace, keeper, DirectoryWatch.start());
        } catch (IOException e) {
            workspace.close();
            keeper.close().subscribe();
            throw e;
        }
    }

    String setsid() {
        return setsid;
    }

    Workspace workspace() {
        return workspace;
    }

    Keeper keeper() {
        return keeper;
    }

    DirectoryWatch watch() {
        return watch;
    }

    Scheduler timers() {
        return spec.timers();
    }

    boolean isClosed() {
        return closed;
    }

    /** Makes an instance of a process that has been started; from here on it is ended with the driver. */
    ProcessInstance take(InstanceSpec of, Process process, Path directory, Path listener) {
        FunctionClient client = new FunctionClient(listener, loops, Caps.of(spec));
        ProcessInstance instance = new ProcessInstance(of, process, directory, keeper, timers(), client);
        instances.add(instance);
        instance.gone().subscribe(nothing -> {}, error -> {}, () -> instances.remove(instance));
        if (closed) {
            instance.stop(Duration.ZERO).subscribe();
        }
        return instance;
    }

    void remove(Path directory) {
        try {
            Workspace.deleteTree(directory);
        } catch (IOException e) {
            LOG.warn("cannot remove {}", directory, e);
        }
    }

    Mono<Void> close() {
        return Mono.defer(() -> {
            closed = true;
            return Flux.fromIterable(instances)
                    .flatMap(instance -> instance.stop(Duration.ZERO))
                    .then(Mono.<Void>fromRunnable(this::removeAll).subscribeOn(Schedulers.boundedElastic()))
                    .then(keeper.close())
                    .then(loops.close());
        });
    }

    private void removeAll() {
        try {
            watch.close();
            workspace.close();
        } catch (IOException e) {
            LOG.warn("cannot remove {}", workspace.directory(), e);
        }
    }
}
