package io.headgate.samples.function;

import io.headgate.Service;
import io.headgate.admin.Admin;
import io.headgate.function.Functions;
import io.headgate.function.async.AsyncSettings;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.Driver;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.invoke.AgentSettings;
import io.headgate.function.invoke.FunctionAgent;
import io.headgate.function.log.FunctionLogs;
import io.headgate.function.log.LogSettings;
import io.headgate.function.r2dbc.Database;
import io.headgate.function.r2dbc.R2dbcCallStore;
import io.headgate.function.r2dbc.R2dbcFunctionStore;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.metrics.FunctionMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Functions in a database, in Java and, where Node.js is, in JavaScript, measured: what is put behind a listener. Close it after the
 * listener.
 */
public final class FunctionServer implements AutoCloseable {

    private final Database database;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final FunctionMetrics metrics = FunctionMetrics.of(registry);
    private final List<DemoFunction> demos = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Functions functions;

    private FunctionServer(Database database, FunctionServerSpec spec) throws InterruptedException {
        this.database = database;
        lines.add("database " + database);
        List<Driver> drivers = drivers(spec);
        R2dbcCallStore calls = new R2dbcCallStore(database);
        FunctionLogs logs = FunctionLogs.create(LogSettings.DEFAULTS.withFrames(true));
        MachineBudget budget =
                MachineBudget.of(spec.memoryMb(), Runtime.getRuntime().availableProcessors());
        this.functions = Objects.requireNonNull(Functions.builder(
                        new R2dbcFunctionStore(database, Clock.systemUTC()), DispatchSettings.of(budget))
                .observer(metrics.store())
                .calls(calls)
                .logs(logs)
                .agent(agent -> setUp(agent, drivers, spec.grace()))
                .async(async -> async.observer(metrics.async())
                        .settings(
                                AsyncSettings.builder().closeGrace(spec.grace()).build()))
                .api(api -> api.observer(metrics.api()))
                .open()
                .block());
        metrics.bindDispatch(functions::stats);
        metrics.bindCalls(calls);
        metrics.bindSyslog(logs::syslog);
    }

    /**
     * Opens the database and starts what functions need; holds nothing when that fails.
     *
     * @throws IllegalArgumentException when the URL of the database is none
     * @throws IllegalStateException when the database cannot be used
     */
    public static FunctionServer open(FunctionServerSpec spec) throws InterruptedException {
        Database database =
                Objects.requireNonNull(Database.open(spec.database()).block());
        try {
            return new FunctionServer(database, spec);
        } catch (InterruptedException | RuntimeException e) {
            database.close().block();
            throw e;
        }
    }

    private List<Driver> drivers(FunctionServerSpec spec) throws InterruptedException {
        List<Driver> drivers = new ArrayList<>();
        drivers.add(LocalDriver.builder().function(Shout.IMAGE, new Shout()).build());
        demos.add(DemoFunction.shout(Shout.IMAGE));
        try {
            String how = NpmFunction.install(spec.root());
            drivers.add(Objects.requireNonNull(ProcessDriver.open(ProcessDriverSpec.DEFAULTS.withNodeRoot(spec.root()))
                    .block()));
            lines.add("npm function: " + how);
            demos.add(DemoFunction.hello(NpmFunction.IMAGE));
        } catch (FnFailure e) {
            lines.add("no npm function: " + e.getMessage());
        } catch (RuntimeException e) {
            lines.add("no npm function: processes: " + e.getMessage());
        }
        return drivers;
    }

    private void setUp(FunctionAgent.Builder agent, List<Driver> drivers, Duration grace) {
        drivers.forEach(agent::driver);
        agent.settings(AgentSettings.DEFAULTS.withCloseGrace(grace))
                .observer(metrics.calls())
                .dispatchObserver(metrics.instances());
    }

    /** For a listener. */
    public Service<HttpExchange, HttpReply> service() {
        return functions;
    }

    /** What there is and what there is not, a line each. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** What can be tried here. */
    public List<DemoFunction> demos() {
        return List.copyOf(demos);
    }

    /** What there is to see of it. */
    public void show(Admin.Builder pages) {
        pages.functions("functions", functions::stats)
                .metrics(registry::scrape)
                .ready("functions", functions)
                .ready("database", database.ping().then(Mono.empty()));
    }

    @Override
    public void close() {
        functions.closeAsync(Duration.ofSeconds(30)).block();
        metrics.close();
        registry.close();
        database.close().block();
    }
}
