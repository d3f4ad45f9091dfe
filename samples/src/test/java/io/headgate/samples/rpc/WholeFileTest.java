package io.headgate.samples.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

class WholeFileTest {

    @TempDir
    private Path folder;

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private void assertOnly(String content) throws IOException {
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("a"));
        }
        assertThat(folder.resolve("a")).hasContent(content);
    }

    @Test
    void appearsWhenItIsWholeAndReplacesWhatWasThere() throws IOException {
        Files.writeString(folder.resolve("a"), "what is longer than the new one");
        assertThat(WholeFile.write(folder.resolve("a"), Flux.just(bytes("new"), bytes("er")))
                        .block())
                .isEqualTo(5);
        assertOnly("newer");
    }

    @Test
    void leavesWhatWasThereWhenItFails() throws IOException {
        Files.writeString(folder.resolve("a"), "old");
        Flux<ByteBuf> half = Flux.concat(Flux.just(bytes("half")), Flux.error(new IOException("cut")));
        assertThatThrownBy(() -> WholeFile.write(folder.resolve("a"), half).block())
                .hasRootCauseMessage("cut");
        assertOnly("old");
    }

    @Test
    void isNotInThePlaceOfAnythingElse() {
        Path nowhere = folder.resolve("no").resolve("a");
        assertThatThrownBy(() -> WholeFile.check("local", nowhere))
                .hasMessage("local: " + nowhere + " (expected: a file in a folder that exists)");
        assertThatThrownBy(() -> WholeFile.check("local", folder))
                .hasMessage("local: " + folder + " (expected: a file, and neither a folder nor a device)");
        assertThatThrownBy(() -> WholeFile.check("local", Path.of("/dev/null")))
                .hasMessage("local: /dev/null (expected: a file, and neither a folder nor a device)");
        WholeFile.check("local", folder.resolve("a"));
        WholeFile.check("local", Path.of("a"));
    }
}
