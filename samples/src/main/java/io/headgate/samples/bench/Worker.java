package io.headgate.samples.bench;

import io.netty.channel.local.LocalAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One process of the bench: reads orders line by line and answers each with a line, {@code ok} and figures, or {@code failed} and why.
 * It ends with its input, and so never outlives who started it.
 */
public final class Worker {

    private final Contender contender;
    private final Deque<Contender.Host> hosts = new ArrayDeque<>();
    private final List<Contender.Caller> idle = new ArrayList<>();
    private Contender.@Nullable Caller caller;

    private Worker(Contender contender) {
        this.contender = contender;
    }

    /**
     * Runs a worker.
     *
     * @param args the contender
     * @throws IOException when the input breaks
     */
    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        System.setOut(System.err); // what others print must not come between answers
        Worker worker = new Worker(Contenders.of(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(worker.answer(line));
            out.flush();
        }
        System.exit(0);
    }

    private String answer(String line) {
        try {
            String answer = obey(line.split(" "));
            return answer.isEmpty() ? "ok" : "ok " + answer;
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            return "failed " + String.valueOf(e).lines().findFirst().orElse("");
        }
    }

    private String obey(String[] words) throws IOException {
        return switch (words[0]) {
            case "serve" -> serve(Link.valueOf(words[1]), words[2]);
            case "connect" -> {
                caller = contender.connect(Link.valueOf(words[1]), address(Link.valueOf(words[1]), words[2]));
                yield "";
            }
            case "download" -> download(download(words));
            case "calls" -> calls(new Calls(number(words[1]), (int) number(words[2]), (int) number(words[3])));
            case "stall" -> {
                caller().stall(download(words));
                yield "";
            }
            case "idle" -> idle(Link.valueOf(words[1]), words[2], (int) number(words[3]));
            case "hang-up" -> hangUp();
            case "close" -> close();
            case "figures" -> {
                Figures now = Figures.now();
                yield now.cpuNanos() + " " + now.allocated();
            }
            case "compiled" -> String.valueOf(Figures.compiledMillis());
            case "live" -> String.valueOf(Figures.live());
            default -> throw new IllegalArgumentException("order: " + words[0]);
        };
    }

    private String serve(Link link, String where) throws IOException {
        Contender.Host host = contender.serve(link, address(link, where));
        hosts.push(host);
        return host.address() instanceof InetSocketAddress bound ? String.valueOf(bound.getPort()) : where;
    }

    private static SocketAddress address(Link link, String where) {
        return switch (link) {
            case TCP -> new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(where));
            case UNIX -> UnixDomainSocketAddress.of(Path.of(where));
            case LOCAL -> new LocalAddress(where);
        };
    }

    private String download(Download what) {
        long began = System.nanoTime();
        caller().download(what);
        return String.valueOf(System.nanoTime() - began);
    }

    private static Download download(String[] words) {
        return new Download(Source.valueOf(words[1]), (int) number(words[2]), number(words[3]));
    }

    private String calls(Calls calls) {
        long began = System.nanoTime();
        caller().run(calls);
        long nanos = System.nanoTime() - began;
        return nanos + " " + calls.percentile(50) + " " + calls.percentile(99);
    }

    /** More connections, each of which has made one call and no more. */
    private String idle(Link link, String where, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Contender.Caller one = contender.connect(link, address(link, where));
            one.run(new Calls(1, 1, 1));
            idle.add(one);
        }
        return "";
    }

    private String hangUp() {
        idle.forEach(Contender.Caller::close);
        idle.clear();
        caller().close();
        caller = null;
        return "";
    }

    private String close() {
        hosts.pop().close();
        return "";
    }

    private Contender.Caller caller() {
        return Objects.requireNonNull(caller, "caller: none (expected: after connect)");
    }

    private static long number(String digits) {
        return Long.parseLong(digits);
    }
}
