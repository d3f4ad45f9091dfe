package io.headgate.function.r2dbc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresDatabaseTest extends DatabaseContract {

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
    protected Opened opened() {
        return opened;
    }

    @Override
    protected String url() {
        return opened.url();
    }
}
