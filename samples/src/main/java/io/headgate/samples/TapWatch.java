package io.headgate.samples;

import io.headgate.samples.tap.Seen;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.function.Predicate;
import picocli.CommandLine.Model.CommandSpec;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Watches a tap until it ends, or Ctrl-C ends it, and says in one line why when it could not. */
final class TapWatch {

    private final CommandSpec command;
    private final Sinks.Empty<Void> stop = Sinks.empty();

    TapWatch(CommandSpec command) {
        this.command = command;
    }

    /**
     * Returns with the end of the tap.
     *
     * @param wants is given each event on one thread; false ends the tap
     * @return the exit code: 0 after the limit or Ctrl-C, 1 when the gateway was lost, or a file could not be written
     */
    int until(TapSource source, TapRequest request, Predicate<Seen> wants) {
        Scheduler one = Schedulers.newSingle("tap", true);
        try (StopSignals signals = StopSignals.install()) {
            signals.onFirst(this::stop);
            source.observe(request)
                    .onErrorMap(LostException::new)
                    .takeUntilOther(stop.asMono())
                    .map(event -> new Seen(Instant.now(), event))
                    .publishOn(one)
                    .takeWhile(wants)
                    .blockLast();
            return 0;
        } catch (LostException lost) {
            return failed(String.valueOf(lost.getMessage()));
        } catch (UncheckedIOException file) {
            return failed(String.valueOf(file.getCause()));
        } finally {
            one.dispose();
        }
    }

    /** Ends the tap as Ctrl-C does. */
    void stop() {
        stop.tryEmitEmpty();
    }

    int failed(String message) {
        String line = String.join(" ", message.lines().toList());
        command.commandLine().getErr().println(command.qualifiedName() + ": " + line);
        return command.exitCodeOnExecutionException();
    }

    /** Tells what the gateway failed with from what failed here. */
    private static final class LostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostException(Throwable cause) {
            super(String.valueOf(cause.getMessage()), cause);
        }
    }
}
