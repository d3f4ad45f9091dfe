package io.headgate.function;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import tools.jackson.databind.json.JsonMapper;

/** Clients that have calls recorded by gateways that may be dead, and remember which were accepted. */
final class AsyncLoad {

    private static final int CLIENTS = 4;
    private static final int LONGEST_RUN_MS = 60;

    private final String path;
    private final IntFunction<ChildGateway> gateways;
    private final int most;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<String> strange = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    /** Of one function; the most that may be accepted, so that an end is in sight. */
    AsyncLoad(String fnId, IntFunction<ChildGateway> gateways, int most) {
        this.path = "/invoke/" + fnId;
        this.gateways = gateways;
        this.most = most;
    }

    AsyncLoad start(long seed) {
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed + i);
            clients.add(new Thread(() -> send(random), "client-" + i));
        }
        clients.forEach(Thread::start);
        return this;
    }

    private void send(Random random) {
        while (!stopped && !isDone()) {
            ChildGateway gateway = gateways.apply(random.nextInt(Integer.MAX_VALUE));
            String input = "{\"ms\":" + random.nextInt(LONGEST_RUN_MS) + "}";
            try {
                took(gateway.post(path, input, "fn-invoke-type", "async"));
            } catch (IOException | IllegalArgumentException dead) {
                Thread.onSpinWait(); // nothing was promised
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void took(HttpResponse<String> reply) {
        if (reply.statusCode() == 202) {
            accepted.add(
                    JsonMapper.shared().readTree(reply.body()).get("call_id").asString());
        } else if (reply.statusCode() != 503 && reply.statusCode() != 429) {
            strange.add(reply.statusCode() + " " + reply.body());
        }
    }

    /** Ids of the calls that were answered with 202. */
    Queue<String> accepted() {
        return accepted;
    }

    /** Answers that are neither an acceptance nor "later", nor that too many wait already. */
    Queue<String> strange() {
        return strange;
    }

    /** Whether the most have been accepted. */
    boolean isDone() {
        return accepted.size() >= most;
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread client : clients) {
            client.join();
        }
    }
}
