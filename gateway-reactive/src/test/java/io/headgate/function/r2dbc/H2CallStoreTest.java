package io.headgate.function.r2dbc;

import io.headgate.function.async.CallStore;
import io.headgate.function.async.CallStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class H2CallStoreTest extends CallStoreContract {

    private static Opened opened;

    @BeforeAll
    static void openDatabase() {
        opened = Opened.h2();
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
