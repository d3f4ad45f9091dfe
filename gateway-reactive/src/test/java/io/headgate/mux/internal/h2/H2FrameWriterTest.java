package io.headgate.mux.internal.h2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class H2FrameWriterTest {

    @Test
    void compressionTableDoesNotGrowAsThePeerLikes() throws Exception {
        H2FrameWriter writer = new H2FrameWriter(() -> {});
        writer.headersConfiguration().maxHeaderTableSize(0xffff_ffffL);
        assertThat(writer.headersConfiguration().maxHeaderTableSize()).isLessThanOrEqualTo(64 * 1024);
        writer.headersConfiguration().maxHeaderTableSize(100);
        assertThat(writer.headersConfiguration().maxHeaderTableSize()).isEqualTo(100);
        writer.close();
    }
}
