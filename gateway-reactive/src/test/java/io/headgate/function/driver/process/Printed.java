package io.headgate.function.driver.process;

import static org.awaitility.Awaitility.await;

import io.headgate.function.driver.InstanceOutput;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a process has printed so far. */
final class Printed implements InstanceOutput {

    private final StringBuilder text = new StringBuilder();

    @Override
    public synchronized void print(ByteBuf bytes) {
        text.append(bytes.toString(StandardCharsets.UTF_8));
    }

    synchronized String text() {
        return text.toString();
    }

    /** The rest of the line that begins with this, when it has come. */
    String line(String start) {
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> text().contains("\n" + start) || text().startsWith(start));
        await().pollInterval(Duration.ofMillis(2)).until(() -> text().indexOf('\n', text().indexOf(start)) > 0);
        String all = text();
        int at = all.indexOf(start);
        return all.substring(at + start.length(), all.indexOf('\n', at));
    }
}
