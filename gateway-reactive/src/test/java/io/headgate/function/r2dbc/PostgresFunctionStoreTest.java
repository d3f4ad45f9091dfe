package io.headgate.function.r2dbc;

import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.FunctionStoreContract;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresFunctionStoreTest extends FunctionStoreContract {

    private static Opened opened;

    @BeforeAll
    static void openDatabase() throws Exception {
        opened = Opened.postgres();
    }

    @AfterAll
    static void closeDatabase() {
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    protected FunctionStore open(Clock clock) {
        return new R2dbcFunctionStore(opened.emptied().database(), clock);
    }
}
