package io.headgate.samples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The two processes of a contender, or the one that is both when nothing lies between. They stay for all rounds. */
final class Pair implements AutoCloseable {

    private static final int ALIKE = 64 * 1024;
    private static final int MOST_LOOKS = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final int STALLED_FRAME = 128 * 1024;

    private final Contender contender;
    private final WorkerProcess server;
    private final WorkerProcess client;
    private final Path folder;
    private final Map<Link, String> places = new EnumMap<>(Link.class);
    private final Map<Cell, Long> amounts = new HashMap<>();

    Pair(Contender contender, BenchPlan plan, Path folder) throws IOException {
        String key = Contenders.key(contender);
        Path said = folder.resolve(key + ".said");
        this.contender = contender;
        this.folder = folder;
        this.server = new WorkerProcess(key, "server", plan.pinned() ? 0 : -1, plan.jvmOptions(), said);
        this.client = new WorkerProcess(key, "client", plan.pinned() ? 1 : -1, plan.jvmOptions(), said);
    }

    Contender contender() {
        return contender;
    }

    /** Both ends of a link; the client is connected afterwards. */
    void open(Link link) {
        WorkerProcess serving = link == Link.LOCAL ? client : server;
        String where = switch (link) {
            case TCP -> "0";
            case UNIX -> folder.resolve(Contenders.key(contender) + ".sock").toString();
            case LOCAL -> "rpc-bench";
        };
        String place = serving.ask("serve " + link + " " + where).get(0);
        places.put(link, place);
        client.ask("connect " + link + " " + place);
    }

    void close(Link link) {
        client.ask("hang-up");
        (link == Link.LOCAL ? client : server).ask("close");
    }

    /** Repeats a workload until it is warm, and so learns how much of it fits into a turn. */
    void warmUp(Link link, Workload workload, Duration least, Duration turn) {
        WarmUp warmUp = new WarmUp(least, turn.multipliedBy(2));
        long compiled = compiledMillis(link);
        long amount = workload.whole(workload.least());
        long fits;
        do {
            long nanos = Math.max(
                    1, Long.parseLong(client.ask(workload.order(amount)).get(0)));
            fits = workload.whole(Math.max(workload.least(), (long) ((double) amount * turn.toNanos() / nanos)));
            amount = Math.min(fits, workload.whole(amount * 4)); // the first turns are slow and say little
            long before = compiled;
            compiled = compiledMillis(link);
            warmUp.worked(nanos, TimeUnit.MILLISECONDS.toNanos(compiled - before));
        } while (!warmUp.isOver());
        amounts.put(new Cell(link, workload), fits);
    }

    private long compiledMillis(Link link) {
        return client.number("compiled") + (link == Link.LOCAL ? 0 : server.number("compiled"));
    }

    /** One turn of what was warmed up. */
    Sample measure(Link link, Workload workload) {
        long amount =
                Objects.requireNonNull(amounts.get(new Cell(link, workload)), "amount: none (expected: after warmUp)");
        Figures before = figures(link);
        List<String> answer = client.ask(workload.order(amount));
        return Sample.of(amount, answer, figures(link).minus(before));
    }

    private Figures figures(Link link) {
        return link == Link.LOCAL ? client.figures() : client.figures().plus(server.figures());
    }

    /** What is held for idle connections, and for a stream whose reader has stopped. */
    Footprint footprint(Link link, int connections) {
        long server0 = server.number("live");
        long client0 = client.number("live");
        client.ask("idle " + link + " " + places.get(link) + " " + connections);
        long server1 = server.number("live");
        long client1 = client.number("live");
        client.ask(
                new Workload.Stream(Source.ZERO, STALLED_FRAME).order(1L << 40).replaceFirst("download", "stall"));
        return new Footprint(
                (server1 - server0) / connections,
                (client1 - client0) / connections,
                settled(server) - server1,
                settled(client) - client1);
    }

    /** Live bytes, once they grow no more, or after so many looks. */
    private static long settled(WorkerProcess worker) {
        Mono<Long> look = Mono.fromCallable(() -> worker.number("live")).subscribeOn(Schedulers.boundedElastic());
        List<Long> lastTwo = look.concatWith(
                        look.delaySubscription(BETWEEN_LOOKS).repeat(MOST_LOOKS - 1))
                .buffer(2, 1)
                .takeUntil(Pair::areAlike)
                .filter(looks -> looks.size() == 2)
                .blockLast();
        return Objects.requireNonNull(lastTwo).get(1);
    }

    private static boolean areAlike(List<Long> looks) {
        return looks.size() == 2 && Math.abs(looks.get(1) - looks.get(0)) < ALIKE;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }

    private record Cell(Link link, Workload workload) {}
}
