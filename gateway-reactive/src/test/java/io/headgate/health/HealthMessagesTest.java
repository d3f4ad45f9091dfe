package io.headgate.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes are those that protoc --encode makes of the published health.proto, each in a frame. */
class HealthMessagesTest {

    @Test
    void asksForTheServerByAnEmptyMessage() {
        assertThat(ByteBufUtil.hexDump(HealthMessages.request(""))).isEqualTo("0000000000");
    }

    @Test
    void asksForAServiceByItsName() {
        assertThat(ByteBufUtil.hexDump(HealthMessages.request("a.B"))).isEqualTo("00000000050a03612e42");
    }

    @Test
    void aLongNameHasALongLength() {
        assertThat(ByteBufUtil.hexDump(HealthMessages.request("x".repeat(300))))
                .startsWith("000000012f0aac0278")
                .hasSize(2 * (5 + 303));
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000, UNKNOWN",
        "00000000020801, SERVING",
        "00000000020802, NOT_SERVING",
        "00000000020803, SERVICE_UNKNOWN",
        "00000000020809, 9",
        "000000000512016b0801, SERVING", // an unknown field before it
        "0000000007080118071d00000000, not readable", // longer than it says
        "0000000009080118071d00000000, SERVING",
        "00000000020a01, not readable", // a string without its bytes
        "00000000010b, not readable", // a group
        "00000000020801ff, not readable",
        "01000000020801, not readable", // compressed
        "0000000003080180, not readable", // a number without its end
        "00000000, not readable"
    })
    void readsTheStatus(String hex, String name) {
        assertThat(HealthMessages.name(HealthMessages.status(ByteBufUtil.decodeHexDump(hex))))
                .isEqualTo(name);
    }
}
