package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.http.Fields;
import org.junit.jupiter.api.Test;

class EndpointInfoTest {

    @Test
    void valuesBesideOctetsAreAscii() {
        assertThat(EndpointInfo.besideOctets("[\n\t\"g\u00e9n \u65e5\u672c \ud83d\ude00\u007f\", 1]"))
                .isEqualTo(Fields.of("headgate-values", "[  \"g\\u00e9n \\u65e5\\u672c \\ud83d\\ude00\\u007f\", 1]"));
    }

    @Test
    void valuesBesideOctetsHaveALimit() {
        assertThat(EndpointInfo.besideOctets("1".repeat(16_384)).size()).isOne();
        assertThatThrownBy(() -> EndpointInfo.besideOctets("1".repeat(16_385)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("values: 16385 characters (expected: at most 16384 beside a stream of octets)");
    }
}
