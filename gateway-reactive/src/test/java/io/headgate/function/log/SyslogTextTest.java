package io.headgate.function.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogTextTest {

    @Test
    void namesCannotBreakOutOfTheirFields() {
        App app = new App("A\"]\\", "bücher und mehr", Map.of(), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH);
        Fn fn = Fn.of("A", "f", "x\n<0>1 - - forged");
        LineSink.Source source = new LineSink.Source(app, fn, "i".repeat(200));
        byte[] message = new SyslogFormat("-").message(new SyslogLine(source, null, "line", 1));
        assertThat(new String(message, StandardCharsets.UTF_8))
                .isEqualTo("<14>1 1970-01-01T00:00:00.001Z - b?cher?und?mehr " + "i".repeat(128)
                        + " output [fn@32473 app_id=\"A\\\"\\]\\\\\" fn_id=\"\" fn=\"f\" image=\"x?<0>1 - -"
                        + " forged\"] line");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://h:1, tcp://h:1",
        "TCP://h, tcp://h:601",
        "udp://h/, udp://h:514",
        "tcp+tls://[::1], tcp+tls://[::1]:6514",
        "unix:///dev/log, unix:///dev/log",
        "unixgram:/dev/log, unixgram:///dev/log"
    })
    void urlsHaveTheUsualPorts(String text, String url) {
        assertThat(SyslogUrl.of(text)).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp",
                "tcp://",
                "tcp://h:0",
                "tcp://h:65536",
                "tcp://u@h",
                "tcp://h/path",
                "tcp://h?x",
                "unix://dev/log",
                "unix:///",
                "unix:log",
                "http://h",
                "tcp://a b"
            })
    void otherUrlsAreRefused(String text) {
        assertThatThrownBy(() -> SyslogUrl.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("syslog_url: " + text + " (expected: tcp://host:port, ");
    }

    @Test
    void settingsSayWhatTheyExpect() {
        assertThatThrownBy(() -> LogSettings.DEFAULTS.withMaxLineBytes(63))
                .hasMessage("maxLineBytes: 63 (expected: 64..32768)");
        assertThatThrownBy(() -> SyslogSettings.DEFAULTS.withQueueBytes(1))
                .hasMessage("queueBytes: 1 (expected: 65536..1073741824)");
        assertThatThrownBy(() -> SyslogSettings.DEFAULTS.withGrace(Duration.ofSeconds(-1)))
                .hasMessage("grace: PT-1S (expected: 0 to 1 day)");
        assertThatThrownBy(() -> SyslogSettings.DEFAULTS.withConnectTimeout(Duration.ZERO))
                .hasMessage("connectTimeout: PT0S (expected: 1 millisecond to 1 day)");
        assertThatThrownBy(() -> SyslogSettings.DEFAULTS.withHostName("two words"))
                .hasMessage("hostName: two words (expected: 1 to 255 printable characters of ASCII)");
        assertThatThrownBy(() -> CallLog.of(-1)).hasMessage("maxBytes: -1 (expected: 0 or more)");
    }
}
