package io.headgate.rpc.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RpcAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:0",
                "tcp://[::1]:7000",
                "tls://host.example:65535",
                "unix:/run/a.sock",
                "local:a"
            })
    void isWrittenAsItIsRead(String text) {
        assertThat(RpcAddress.of(text)).hasToString(text);
    }

    @Test
    void threeSlashesAreAnAbsolutePath() {
        assertThat(RpcAddress.of("unix:///run/a.sock").host()).isEqualTo("/run/a.sock");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tcp", "http://a:1", "tcp:a:1", "tcp://a", "tcp://a:x", "tcp://:1", "tcp://::1:7000", "unix:"
            })
    void whatIsNoneSaysWhatIsExpected(String text) {
        assertThatThrownBy(() -> RpcAddress.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: tcp://host:port");
    }

    @Test
    void aPortMustExist() {
        assertThatThrownBy(() -> RpcAddress.of("tcp://a:65536")).hasMessage("port: 65536 (expected: 0..65535)");
    }

    @Test
    void aPathMustFit() {
        assertThatThrownBy(() -> RpcAddress.of("unix:/" + "x".repeat(200)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("path: 201 bytes (expected: at most ");
    }
}
