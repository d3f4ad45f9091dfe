package io.headgate.function.r2dbc;

import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.Map;

/** Finds the driver of a database. All that differs between drivers before a statement runs is here. */
final class Drivers {

    /** H2 gives the first one that opens a database all rights. */
    static final String H2_USER = "sa";

    /** By itself it would close a database as soon as this process is told to end, while calls are still to be recorded. */
    private static final String H2_OPTIONS = "DB_CLOSE_ON_EXIT=FALSE";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private Drivers() {}

    static ConnectionFactory factory(DatabaseSettings settings) {
        ConnectionFactoryOptions options = options(settings);
        ConnectionFactory factory = ConnectionFactories.find(options);
        if (factory == null) {
            String driver = String.valueOf(options.getValue(ConnectionFactoryOptions.DRIVER));
            throw new IllegalStateException("driver: none for " + driver + " on the class path (expected: "
                    + (driver.equals("h2")
                            ? "io.r2dbc:r2dbc-h2 and com.h2database:h2"
                            : "org.postgresql:r2dbc-postgresql and org.postgresql:postgresql")
                    + ")");
        }
        return factory;
    }

    private static ConnectionFactoryOptions options(DatabaseSettings settings) {
        if (settings.url() instanceof DatabaseUrl.Postgres postgres) {
            return postgres(postgres, settings.operationTimeout());
        }
        DatabaseUrl.H2 h2 = (DatabaseUrl.H2) settings.url();
        return ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, "h2")
                .option(ConnectionFactoryOptions.PROTOCOL, h2.memory() ? "mem" : "file")
                .option(ConnectionFactoryOptions.DATABASE, h2.database())
                .option(ConnectionFactoryOptions.USER, H2_USER)
                .option(ConnectionFactoryOptions.PASSWORD, "")
                .option(Option.valueOf("options"), H2_OPTIONS)
                .build();
    }

    private static ConnectionFactoryOptions postgres(DatabaseUrl.Postgres url, Duration statementTimeout) {
        ConnectionFactoryOptions.Builder options = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, "postgresql")
                .option(ConnectionFactoryOptions.HOST, url.bareHost())
                .option(ConnectionFactoryOptions.PORT, url.port())
                .option(ConnectionFactoryOptions.DATABASE, url.database())
                .option(ConnectionFactoryOptions.CONNECT_TIMEOUT, CONNECT_TIMEOUT)
                .option(Option.valueOf("statementTimeout"), statementTimeout)
                .option(Option.valueOf("tcpKeepAlive"), true);
        String user = url.user();
        // The user of the process is what all programs of PostgreSQL take.
        options.option(ConnectionFactoryOptions.USER, user == null ? System.getProperty("user.name", "") : user);
        if (url.password() != null) {
            options.option(ConnectionFactoryOptions.PASSWORD, url.password());
        }
        for (Map.Entry<String, String> parameter : url.parameters().entrySet()) {
            options.option(Option.valueOf(parameter.getKey()), parameter.getValue());
        }
        return options.build();
    }
}
