package io.headgate.samples.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.samples.rpc.ProgressBar;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SyncViewTest {

    private final StringWriter shown = new StringWriter();
    private final PrintWriter out = new PrintWriter(shown);
    private final AtomicLong clock = new AtomicLong();

    private SyncView view(boolean terminal) {
        return new SyncView(out, new ProgressBar(out, terminal), clock::get);
    }

    private static SyncUpdate put(String key, String value) {
        return SyncUpdate.added(key, ByteString.copyFromUtf8(value), "1");
    }

    private static SyncEvent status(SyncStatus status) {
        return new SyncEvent.Status(status);
    }

    private static SyncView snapshot(SyncView view, SyncUpdate... updates) {
        view.show(status(SyncStatus.RESYNC));
        view.show(SyncEvent.Updates.of(updates));
        view.show(status(SyncStatus.IN_SYNC));
        return view;
    }

    @Test
    void snapshotIsOneLineWithABarAndThenChangesAreALineEach() {
        SyncView view = snapshot(view(false), put("/a", "1"), put("/b", "2"));
        view.show(SyncEvent.Updates.of(put("/c", "new\nline"), put("/a", "1"), put("/b", "3")));
        view.show(SyncEvent.Updates.of(SyncUpdate.deleted("/a", "2"), SyncUpdate.deleted("/nosuch", "2")));
        view.show(SyncEvent.Updates.of(SyncUpdate.added("/bin", ByteString.copyFrom(new byte[] {0, 1}), "")));

        assertThat(shown.toString().lines())
                .hasSize(6)
                .containsSubsequence("+ /c = new\\x0aline", "~ /b = 3", "- /a", "+ /bin = 2 bytes");
        assertThat(shown.toString())
                .startsWith("snapshot [========================] 2 entries  0.0 MiB")
                .contains("in sync: 2 entries, 6 bytes, checksum ")
                .doesNotContain("\u001b");
    }

    @Test
    void onATerminalTheBarMovesUntilTheSetIsKnownAndFillsWhenItIsToldAgain() {
        SyncView view = view(true);
        view.show(SyncEvent.Updates.of(put("/a", "1")));
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        view.show(SyncEvent.Updates.of(put("/b", "1")));
        assertThat(shown.toString()).contains("<=>", "\r\u001b[K", "2 entries/s");
        view.show(status(SyncStatus.IN_SYNC));
        view.show(status(SyncStatus.RESYNC));
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        view.show(SyncEvent.Updates.of(put("/a", "1")));

        assertThat(shown.toString())
                .contains("resync: what was told may be old", "[============>           ] 1 entries");
    }

    @Test
    void equalSetsHaveEqualChecksumsHoweverTheyWereReceived() {
        ReceivedSet one = snapshot(view(false), put("/a", "1"), put("/b", "2"), put("/c", ""))
                .set();
        ReceivedSet other = snapshot(view(false), put("/c", ""), put("/b", "9"), put("/x", "1"), put("/a", "1"))
                .set();
        assertThat(other.checksum()).isNotEqualTo(one.checksum());
        assertThat(other.apply(SyncUpdate.deleted("/x", ""))).isEqualTo(ReceivedSet.Change.REMOVED);
        assertThat(other.apply(put("/b", "2"))).isEqualTo(ReceivedSet.Change.CHANGED);
        assertThat(other.apply(put("/b", "2"))).isEqualTo(ReceivedSet.Change.NONE);

        assertThat(other).hasToString(one.toString());
        assertThat(other.bytes()).isEqualTo(8);
        ReceivedSet shifted = new ReceivedSet();
        shifted.apply(put("/a1", ""));
        ReceivedSet straight = new ReceivedSet();
        straight.apply(put("/a", "1"));
        assertThat(shifted.checksum()).isNotEqualTo(straight.checksum());
    }

    @Test
    void aStatusThatStaysIsToldOnce() {
        SyncView view = snapshot(view(false), put("/a", "1"));
        view.show(status(SyncStatus.IN_SYNC));
        view.show(status(SyncStatus.WAIT_FOR_DATASTORE));
        assertThat(shown.toString().lines().skip(2)).containsExactly("the datastore is away");
    }
}
