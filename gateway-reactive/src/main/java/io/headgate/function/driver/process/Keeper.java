package io.headgate.function.driver.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * A small shell in a session of its own that signals process groups, and outlives this process: when the pipe from here ends, it kills
 * every group that it keeps and removes the directory of the driver. The JDK can signal neither groups nor a stop; a line to a shell
 * that is there costs a fraction of starting {@code kill}, and only another process can act when this one is killed.
 *
 * <p>Groups alone would not do: what starts in the very moment of our death is in no list yet, and a function may start a daemon that
 * leaves its group. Both still have the variable that says where to listen in their environment, by which they are hunted.
 */
final class Keeper {

    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    private static final int MOST_FAILED_STARTS = 3;

    /** Signals are ignored, a broken pipe among them: it would otherwise die of answering somebody who is dead. */
    private static final String SCRIPT = """
        trap '' INT HUP TERM QUIT PIPE
        groups=' '
        signal() {
          case $groups in *" $2 "*) kill -s "$1" -- "-$2" || kill -s "$1" "$2" ;; *) false ;; esac
        }
        hunt() {
          for file in $(grep -lsF "FN_LISTENER=unix:$1/" /proc/[0-9]*/environ); do
            pid=${file#/proc/}
            kill -s KILL "${pid%/environ}"
          done
        }
        while read -r verb what; do
          case $verb in
            KEEP) groups="$groups$what " ;;
            DROP)
              kill -s KILL -- "-$what"
              groups="${groups%% $what *} ${groups#* $what }"
              ;;
            HUNT) hunt "$what" ;;
            *) signal "$verb" "$what" ;;
          esac
          echo "$?"
        done
        for group in $groups; do signal KILL "$group"; done
        hunt "$1"
        [ -d "$1" ] || exit 0
        rm -rf -- "$1"
        sleep 1
        hunt "$1"
        """;

    private final String setsid;
    private final Path directory;
    private final Set<Long> groups = new LinkedHashSet<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private @Nullable Process shell;
    private boolean closed;
    private int failedStarts;

    /** Who waits for the answer to a line; nobody, if there is no sink. */
    private record Answer(@Nullable MonoSink<Boolean> sink) {}

    /** A keeper that has not been started. */
    Keeper(String setsid, Path directory) {
        this.setsid = setsid;
        this.directory = directory;
    }

    /** Blocks. */
    synchronized void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        List.of(setsid, "/bin/sh", "-c", SCRIPT, "headgate-keeper", directory.toString()))
                .directory(Path.of("/").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", Programs.path());
        environment.put("LC_ALL", "C");
        Process started = builder.start();
        shell = started;
        for (long group : groups) {
            write("KEEP " + group, null);
        }
        Thread reader = new Thread(() -> read(started), "headgate-fn-keeper");
        reader.setDaemon(true);
        reader.start();
    }

    /** Kills this group, too, when this process ends. Blocks. */
    synchronized void keep(long group) throws IOException {
        groups.add(group);
        write("KEEP " + group, null);
    }

    /** The leader of this group is gone: kills what is left of it, and forgets it. Blocks. */
    synchronized void drop(long group) {
        groups.remove(group);
        try {
            write("DROP " + group, null);
        } catch (IOException e) {
            LOG.warn("cannot kill what is left of process group {}", group, e);
        }
    }

    /** Sends a signal to a group; true when it was there. */
    Mono<Boolean> signal(String name, long group) {
        return tell(name + " " + group);
    }

    /** Kills whatever listens, or was told to listen, below a directory. */
    Mono<Void> hunt(Path below) {
        return tell("HUNT " + below).then();
    }

    private Mono<Boolean> tell(String line) {
        return Mono.<Boolean>create(sink -> {
                    try {
                        synchronized (this) {
                            write(line, sink);
                        }
                    } catch (IOException e) {
                        sink.error(e);
                    }
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    private void write(String line, @Nullable MonoSink<Boolean> sink) throws IOException {
        Process to = shell;
        if (closed || to == null) {
            throw new IOException("keeper: gone");
        }
        Answer answer = new Answer(sink);
        answers.add(answer);
        try {
            OutputStream pipe = to.getOutputStream();
            pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            pipe.flush();
        } catch (IOException e) {
            answers.remove(answer);
            throw e;
        }
    }

    private void read(Process from) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answered("0".equals(line));
            }
        } catch (IOException e) {
            LOG.debug("the keeper answers no more", e);
        }
        gone();
    }

    private void answered(boolean done) {
        MonoSink<Boolean> sink;
        synchronized (this) {
            failedStarts = 0;
            Answer answer = answers.poll();
            sink = answer == null ? null : answer.sink();
        }
        if (sink != null) {
            sink.success(done);
        }
    }

    /** Somebody has killed it: without one, functions would outlive this process. */
    private void gone() {
        List<Answer> unanswered;
        synchronized (this) {
            unanswered = List.copyOf(answers);
            answers.clear();
            shell = null;
            if (!closed) {
                restart();
            }
        }
        for (Answer answer : unanswered) {
            if (answer.sink() != null) {
                answer.sink().error(new IOException("keeper: ended before it answered"));
            }
        }
    }

    private void restart() {
        if (++failedStarts > MOST_FAILED_STARTS) {
            LOG.error("the keeper of functions ends at once: they will outlive this process if it is killed");
            return;
        }
        LOG.warn("the keeper of functions has ended; starting another");
        try {
            start();
        } catch (IOException e) {
            LOG.error("cannot start the keeper of functions: they will outlive this process if it is killed", e);
        }
    }

    /** Lets it do its last duties: it kills what is left, and removes the directory. Completes when it has ended. */
    Mono<Void> close() {
        return Mono.<Void>defer(() -> {
                    Process ending;
                    synchronized (this) {
                        closed = true;
                        ending = shell;
                    }
                    if (ending == null) {
                        return Mono.empty();
                    }
                    try {
                        ending.getOutputStream().close();
                    } catch (IOException e) {
                        LOG.debug("the pipe to the keeper was broken", e);
                    }
                    return Mono.fromFuture(ending.onExit()).then();
                })
                .subscribeOn(Schedulers.boundedElastic());
    }
}
