package io.headgate.function.log;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.util.List;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Takes what instances of functions print: to the call that runs, and a line at a time to the logger {@value #LOGGER} at DEBUG, and to
 * the syslog server of the application if it has one.
 *
 * <pre>{@code
 * OutputRouter output = logs.router(app, fn, instanceId); // InstanceSpec.output, with output.environment()
 * output.begin(call);
 * ...
 * output.end(call);
 * output.close(); // the instance is gone
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public final class FunctionLogs {

    /** Where lines go at DEBUG. */
    public static final String LOGGER = "io.headgate.function.output";

    private final LogSettings settings;
    private final LineSink logger = new LoggerSink(LoggerFactory.getLogger(LOGGER));

    private final SyslogShippers shippers;

    private FunctionLogs(LogSettings settings) {
        this.settings = settings;
        this.shippers = new SyslogShippers(settings.syslog());
    }

    /**
     * Logs that nobody prints to yet.
     *
     * @param settings what they are to be
     * @return the logs
     */
    public static FunctionLogs create(LogSettings settings) {
        return new FunctionLogs(Objects.requireNonNull(settings, "settings"));
    }

    /**
     * For one instance.
     *
     * @param app the application
     * @param fn the function
     * @param instanceId the instance
     * @return takes what it prints; to be {@linkplain OutputRouter#close closed} when the instance is gone
     */
    public OutputRouter router(App app, Fn fn, String instanceId) {
        LineSink.Source source = new LineSink.Source(app, fn, instanceId);
        SyslogShippers.Lease lease = shippers.lease(app);
        return new OutputRouter(
                source,
                lease == null ? List.of(logger) : List.of(logger, lease.sink()),
                settings.maxLineBytes(),
                settings.frames(),
                lease == null ? () -> {} : lease.release());
    }

    /**
     * What became of the lines for each syslog server in use.
     *
     * @return a snapshot
     */
    public List<SyslogStats> syslog() {
        return shippers.stats();
    }

    /**
     * Ends them: what waits is still shipped, within {@link SyslogSettings#grace}. To be called when no instance is left.
     *
     * @return completes when nothing is left
     */
    public Mono<Void> closeAsync() {
        return shippers.closeAsync();
    }
}
