package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RpcBenchTest {

    private static final String TINY = "rpc-bench --frames 4096 --sources zero --rounds 1 --turn 5ms --warm-up 1ms"
            + " --in-flight 4 --idle-connections 2 --jvm-option=-Xmx256m --jvm-option=-XX:TieredStopAtLevel=1";

    @TempDir
    private Path folder;

    @Test
    void comparesAllOnAllTransportsWithTinySizes() throws Exception {
        Path tables = folder.resolve("tables.md");
        Run run = Run.of((TINY + " --output " + tables).split(" "));
        System.err.println(run.err()); // for the leak gate
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("Raw stream, TCP loopback, each frame filled with zeros")
                .contains("Raw stream, unix socket")
                .contains("Small calls, in process, 100 bytes each way on one connection")
                .contains("KiB per idle connection")
                .containsPattern("\\| rsocket-java \\| [0-9.]+ \\([0-9.]+\\.\\.[0-9.]+\\) \\| [0-9.]+ \\|")
                .containsPattern("\\| grpc-java 1 MiB \\| [0-9.]+ ")
                .containsPattern("\\| java.nio \\| [0-9.]+ ");
        assertThat(Files.readString(tables)).isEqualTo(run.out());
    }

    @Test
    void contenderThatDoesNotExistIsAMistake() {
        Run run = Run.of((TINY + " --contenders carrier-pigeon").split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("contender: carrier-pigeon (expected: one of ")
                .contains("rsocket-java");
    }
}
