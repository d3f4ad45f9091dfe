package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.admin.LogLevels.Level;
import io.headgate.admin.LogLevels.Setting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Levels of loggers, as Logback and java.util.logging have them. */
@Timeout(60)
class LogLevelTest {

    private static final String NAME = "io.headgate.admin.LogLevelTest.some";

    private final Logger logger = LoggerFactory.getLogger(NAME);
    private final AdminRig rig = new AdminRig(Admin.builder());

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void levelIsChangedAndReset() throws Exception {
        boolean before = logger.isTraceEnabled();
        JsonNode shown = rig.get("/loglevel?logger=" + NAME).get("loggers").get(0);
        assertThat(shown.get("level").isNull()).isTrue();
        String effective = shown.get("effective").asString();

        JsonNode changed = AdminRig.json(
                rig.ask("PUT", "/loglevel?logger=" + NAME + "&level=trace").body());
        assertThat(changed.get("system").asString()).isEqualTo("logback");
        assertThat(changed.at("/loggers/0/level").asString()).isEqualTo("TRACE");
        assertThat(logger.isTraceEnabled()).isTrue();
        rig.ask("POST", "/loglevel?logger=" + NAME + "&level=OFF");
        assertThat(logger.isErrorEnabled()).isFalse();
        assertThat(rig.get("/loglevel").get("loggers").findValuesAsString("name"))
                .contains("ROOT", NAME);
        assertThat(rig.get("/loglevel?all=true").get("loggers").size())
                .isGreaterThan(rig.get("/loglevel").get("loggers").size());

        JsonNode reset = AdminRig.json(
                        rig.ask("DELETE", "/loglevel?logger=" + NAME).body())
                .get("loggers")
                .get(0);
        assertThat(reset.get("level").isNull()).isTrue();
        assertThat(reset.get("effective").asString()).isEqualTo(effective);
        assertThat(logger.isTraceEnabled()).isEqualTo(before);
    }

    @Test
    void deleteWithoutALoggerResetsAll() throws Exception {
        rig.ask("PUT", "/loglevel?logger=" + NAME + "&level=TRACE");
        rig.ask("PUT", "/loglevel?logger=" + NAME + ".below&level=OFF");
        assertThat(AdminRig.json(rig.ask("DELETE", "/loglevel").body()).get("loggers"))
                .hasSize(2);
        assertThat(logger.isTraceEnabled()).isFalse();
        assertThat(AdminRig.json(rig.ask("DELETE", "/loglevel").body()).get("loggers"))
                .isEmpty();
    }

    @Test
    void levelThatIsNoneIsRefused() throws Exception {
        JsonNode problem = rig.problem(400, "PUT", "/loglevel?logger=" + NAME + "&level=LOUD");
        assertThat(problem.get("expected").asString()).contains("OFF, ERROR, WARN, INFO, DEBUG, TRACE");
        assertThat(rig.problem(400, "POST", "/loglevel?level=INFO")
                        .get("parameter")
                        .asString())
                .isEqualTo("logger");
        assertThat(rig.problem(400, "POST", "/loglevel?logger=" + NAME)
                        .get("parameter")
                        .asString())
                .isEqualTo("level");
        assertThat(rig.problem(400, "PUT", "/loglevel?logger=a%20b&level=INFO")
                        .get("parameter")
                        .asString())
                .isEqualTo("logger");
    }

    @Test
    void changedLoggersAreBounded() throws Exception {
        for (int i = 0; i < 256; i++) {
            assertThat(rig.ask("PUT", "/loglevel?logger=made.up." + i + "&level=WARN")
                            .statusCode())
                    .isEqualTo(200);
        }
        rig.problem(409, "PUT", "/loglevel?logger=made.up.more&level=WARN");
        assertThat(rig.ask("PUT", "/loglevel?logger=made.up.0&level=INFO").statusCode())
                .isEqualTo(200);
        assertThat(AdminRig.json(rig.ask("DELETE", "/loglevel").body()).get("loggers"))
                .hasSize(256);
    }

    @Test
    void javaUtilLoggingHasLevelsToo() {
        LogLevels levels = new JulLevels();
        assertThat(levels.get(NAME)).isEqualTo(new Setting(NAME, null, Level.INFO));
        for (Level level : Level.values()) {
            levels.set(NAME, level);
            assertThat(levels.get(NAME)).isEqualTo(new Setting(NAME, level, level));
            assertThat(levels.get(NAME + ".below.it").effective()).isEqualTo(level);
        }
        assertThat(levels.all().get(0).name()).isEqualTo(LogLevels.ROOT);
        assertThat(levels.all()).extracting(Setting::name).contains(NAME);
        levels.set(NAME, null);
        assertThat(levels.get(NAME)).isEqualTo(new Setting(NAME, null, Level.INFO));
    }
}
