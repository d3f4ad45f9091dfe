package io.headgate.function.r2dbc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class H2DatabaseTest extends DatabaseContract {

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
    protected Opened opened() {
        return opened;
    }

    @Override
    protected String url() {
        return opened.url();
    }
}
