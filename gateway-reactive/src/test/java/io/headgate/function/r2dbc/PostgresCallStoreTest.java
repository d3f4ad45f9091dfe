package io.headgate.function.r2dbc;

import io.headgate.function.async.CallStore;
import io.headgate.function.async.CallStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresCallStoreTest extends CallStoreContract {

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
    protected CallStore open() {
        return new R2dbcCallStore(opened.emptied().database());
    }
}
