package io.headgate.benchmarks.function;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The process that calls functions without a gateway. */
final class BareMain {

    private final Path functions;
    private final List<NodeFunction> instances = new ArrayList<>();
    private @Nullable Callers callers;

    private BareMain(Path functions) {
        this.functions = functions;
    }

    /**
     * Runs until its input ends.
     *
     * @param args the directory of the functions
     * @throws Exception when a function cannot be started or called
     */
    public static void main(String[] args) throws Exception {
        BareMain bare = new BareMain(Path.of(args[0]));
        try {
            Child.serve(bare::perform);
        } finally {
            bare.stop();
        }
        System.exit(0);
    }

    private String perform(String[] words) throws Exception {
        return switch (words[0]) {
            case "start" -> start(Integer.parseInt(words[1]));
            case "call" -> call(Boolean.parseBoolean(words[1]), Integer.parseInt(words[2]));
            case "stop" -> stop();
            case "cold" -> cold();
            default -> throw new IOException(words[0] + ": unknown (expected: start, call, stop or cold)");
        };
    }

    private String start(int count) throws Exception {
        Callers made = new Callers(1);
        callers = made;
        for (int i = 0; i < count; i++) {
            NodeFunction instance = NodeFunction.start(functions.resolve("hello"));
            instances.add(instance);
            made.connect(instance.socket());
        }
        return "started";
    }

    private String call(boolean withBody, int count) throws Exception {
        if (callers == null) {
            throw new IOException("call: before start (expected: after it)");
        }
        Usage before = Usage.now();
        Callers.Result result = callers.call(Requests.bare(withBody), count, null);
        Usage after = Usage.now();
        return "cpu=" + (after.cpuNanos() - before.cpuNanos())
                + " allocated=" + (after.allocatedBytes() - before.allocatedBytes())
                + " nanos=" + result.nanos()
                + " p50=" + result.nanosAt(0.5)
                + " p99=" + result.nanosAt(0.99)
                + " failed=" + result.failed();
    }

    private String stop() throws IOException {
        if (callers != null) {
            callers.close();
            callers = null;
        }
        for (NodeFunction instance : instances) {
            instance.close();
        }
        instances.clear();
        return "stopped";
    }

    /** From the order to start a process to the end of its first reply. */
    private String cold() throws Exception {
        try (Callers first = new Callers(1)) {
            long begun = System.nanoTime();
            try (NodeFunction instance = NodeFunction.start(functions.resolve("hello"))) {
                long linked = System.nanoTime() - begun;
                first.connect(instance.socket());
                first.call(Requests.bare(true), 1, null);
                return "linked=" + linked + " replied=" + (System.nanoTime() - begun);
            }
        }
    }
}
