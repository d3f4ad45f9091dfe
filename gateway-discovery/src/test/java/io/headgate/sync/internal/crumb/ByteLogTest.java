package io.headgate.sync.internal.crumb;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByteLogTest {

    private static final int SLAB = 100;

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicLong held = new AtomicLong();
    private ByteLog log = log(0, Duration.ZERO);
    private long time;

    private ByteLog log(long retainedBytes, Duration retainedFor) {
        CrumbSettings settings = CrumbSettings.DEFAULTS.withSlabBytes(SLAB).withRetained(retainedBytes, retainedFor);
        return new ByteLog(0, settings, allocator, held);
    }

    @AfterEach
    void nothingIsLeft() {
        log.close();
        allocator.assertNoLeaks();
        assertThat(held).hasValue(0);
    }

    /** Crumbs of ten bytes, so that ten of them fill a slab. */
    private void append(int crumbs) {
        for (int i = 0; i < crumbs; i++) {
            append("%010d".formatted(log.position() + 1));
        }
    }

    private void append(String crumb) {
        log.append(Unpooled.copiedBuffer(crumb, StandardCharsets.UTF_8), time);
        log.trim(time);
    }

    private CrumbCursor open(long after) {
        return Objects.requireNonNull(log.open(after));
    }

    private static String take(CrumbCursor cursor, int maxBytes) {
        ByteBuf bytes = cursor.take(maxBytes);
        if (bytes == null) {
            return "";
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.release();
        return text;
    }

    private static long crumbs(CrumbCursor cursor) {
        long crumbs = 0;
        for (String taken = take(cursor, 30); !taken.isEmpty(); taken = take(cursor, 30)) {
            crumbs += taken.length() / 10;
        }
        return crumbs;
    }

    @Test
    void aLogWithoutCrumbsHoldsNoMemory() {
        CrumbCursor cursor = open(0);

        assertThat(cursor.take(100)).isNull();
        assertThat(cursor.ageNanos()).isZero();
        assertThat(allocator.liveBuffers()).isZero();
        cursor.close();
    }

    @Test
    void asManyWholeCrumbsAreTakenAsFit() {
        CrumbCursor cursor = open(0);
        append(7);

        assertThat(take(cursor, 35)).isEqualTo("000000000100000000020000000003");
        assertThat(cursor.position()).isEqualTo(3);
        assertThat(take(cursor, 10)).isEqualTo("0000000004");
        assertThat(take(cursor, 1)).isEqualTo("0000000005");
        assertThat(take(cursor, Integer.MAX_VALUE)).isEqualTo("00000000060000000007");
        assertThat(cursor.take(100)).isNull();
        assertThat(cursor.position()).isEqualTo(7);
        cursor.close();
    }

    @Test
    void aSliceDoesNotGoBeyondASlabAndThenTheNextOneFollows() {
        CrumbCursor cursor = open(0);
        append(25);

        assertThat(take(cursor, 1000)).hasSize(100);
        assertThat(take(cursor, 1000)).hasSize(100);
        assertThat(take(cursor, 1000)).hasSize(50);
        append(1);
        assertThat(take(cursor, 1000)).isEqualTo("0000000026");
        cursor.close();
    }

    @Test
    void aLargeCrumbHasASlabOfItsOwn() {
        CrumbCursor cursor = open(0);
        append(1);
        append("x".repeat(1234));
        append(1);

        assertThat(take(cursor, 50)).isEqualTo("0000000001");
        assertThat(take(cursor, 50)).isEqualTo("x".repeat(1234));
        assertThat(take(cursor, 50)).isEqualTo("0000000003");
        cursor.close();
    }

    @Test
    void slabsGrowFromSmallToTheirBound() {
        log.close();
        log = new ByteLog(0, CrumbSettings.DEFAULTS.withRetained(Long.MAX_VALUE, Duration.ofDays(1)), allocator, held);
        append(1);

        assertThat(held).hasValue(16 * 1024);
        for (int i = 0; i < 200; i++) {
            append("x".repeat(10_000));
        }
        assertThat(held).hasValue((16 + 32 + 64 + 128 + 256 + 512 * 3) * 1024);
    }

    @Test
    void whatTheSlowestNeedsIsKeptAndNotMore() {
        CrumbCursor slow = open(0);
        CrumbCursor slower = open(0);
        append(35);

        assertThat(allocator.liveBuffers()).isEqualTo(4);
        take(slow, 10);
        take(slower, 10);
        assertThat(crumbs(slow)).isEqualTo(34);
        assertThat(allocator.liveBuffers()).isEqualTo(4);
        take(slower, 1000);
        take(slower, 10); // stands in the second slab now
        assertThat(allocator.liveBuffers()).isEqualTo(3);
        take(slower, 1000);
        take(slower, 10);
        assertThat(allocator.liveBuffers()).isEqualTo(2);
        slower.close();
        assertThat(allocator.liveBuffers()).isEqualTo(1);
        assertThat(held).hasValue(SLAB);
        slow.close();
        assertThat(log.slowest()).isEqualTo(35);
    }

    @Test
    void aCursorThatIsClosedGivesBackAllThatItAloneNeeded() {
        CrumbCursor cursor = open(0);
        append(1000);

        assertThat(allocator.liveBuffers()).isEqualTo(100);
        assertThat(log.slowest()).isZero();
        cursor.close();
        cursor.close();
        assertThat(allocator.liveBuffers()).isEqualTo(1);
        assertThat(cursor.take(100)).isNull();
        assertThat(cursor.ageNanos()).isZero();
    }

    @Test
    void aLongChainIsFreedWithoutRecursion() {
        log.close();
        log = new ByteLog(
                0,
                CrumbSettings.DEFAULTS.withSlabBytes(SLAB).withRetained(0, Duration.ZERO),
                new UnpooledByteBufAllocator(true, true),
                held);
        CrumbCursor cursor = open(0);
        ByteBuf crumb = Unpooled.wrappedBuffer(new byte[SLAB]);
        for (int i = 0; i < 20_000; i++) {
            log.append(crumb, 0);
            log.trim(0);
        }

        assertThat(held).hasValue(20_000 * SLAB);
        cursor.close();
        assertThat(held).hasValue(SLAB);
    }

    @Test
    void whatWasTakenOutlivesTheLog() {
        CrumbCursor cursor = open(0);
        append(1);
        ByteBuf bytes = Objects.requireNonNull(cursor.take(100));

        cursor.close();
        log.close();

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("0000000001");
        assertThat(bytes.release()).isTrue();
    }

    @Test
    void cursorsReadOnWhenTheLogIsClosed() {
        CrumbCursor cursor = open(0);
        append(25);
        log.close();

        assertThat(cursor.isEnded()).isFalse();
        assertThat(crumbs(cursor)).isEqualTo(25);
        assertThat(cursor.isEnded()).isTrue();
        assertThat(log.open(25)).isNull();
        assertThat(log.openOldest()).isNull();
        cursor.close();
    }

    // - - - those who come back

    @Test
    void whoComesBackGetsExactlyWhatItMissed() {
        log.close();
        log = log(1000, Duration.ofMinutes(1));
        append(55);

        for (int known = 0; known <= 55; known++) {
            CrumbCursor cursor = open(known);
            assertThat(cursor.position()).isEqualTo(known);
            assertThat(crumbs(cursor)).isEqualTo(55 - known);
            cursor.close();
        }
    }

    @Test
    void ofWhatIsRetainedThereIsABoundInBytes() {
        log.close();
        log = log(300, Duration.ofDays(1));
        append(100);

        assertThat(held).hasValue(300);
        assertThat(log.firstRetained()).isEqualTo(71);
        assertThat(log.open(69)).isNull();
        CrumbCursor cursor = open(70);
        assertThat(crumbs(cursor)).isEqualTo(30);
        cursor.close();
    }

    @Test
    void ofWhatIsRetainedThereIsABoundInTime() {
        log.close();
        log = log(Long.MAX_VALUE, Duration.ofSeconds(60));
        append(20);
        time = Duration.ofSeconds(30).toNanos();
        append(20);
        time = Duration.ofSeconds(61).toNanos();

        assertThat(log.firstRetained()).isEqualTo(1);
        log.trim(time);
        assertThat(log.firstRetained()).isEqualTo(21);
        assertThat(log.isPerishable()).isTrue();
        time = Duration.ofSeconds(100).toNanos();
        log.trim(time);
        assertThat(log.firstRetained()).isEqualTo(31); // the slab that is written stays
        assertThat(log.isPerishable()).isFalse();
    }

    @Test
    void aCursorMayWaitForCrumbsThatItsOwnerHasAlready() {
        CrumbCursor ahead = open(12);
        append(10);

        assertThat(ahead.take(100)).isNull();
        append(4);
        assertThat(take(ahead, 100)).isEqualTo("00000000130000000014");
        ahead.close();
    }

    @Test
    void aForkStandsWhereTheOtherStands() {
        CrumbCursor cursor = open(0);
        append(25);
        take(cursor, 1000);
        CrumbCursor fork = cursor.fork();
        cursor.close();

        assertThat(fork.position()).isEqualTo(10);
        assertThat(crumbs(fork)).isEqualTo(15);
        fork.close();
    }

    @Test
    void theAgeIsThatOfTheNextCrumbAgainstTheNewest() {
        CrumbCursor cursor = open(0);
        time = 1000;
        append(1);
        time = 1500;
        append(1);
        time = 9000;

        assertThat(cursor.ageNanos()).isEqualTo(500);
        take(cursor, 10);
        assertThat(cursor.ageNanos()).isZero();
        take(cursor, 10);
        assertThat(cursor.ageNanos()).isZero();
        cursor.close();
    }

    @Test
    void looksAreCounted() {
        CrumbCursor cursor = open(0);
        append(3);
        crumbs(cursor);
        crumbs(cursor);

        assertThat(log.ready()).isEqualTo(1);
        assertThat(log.dry()).isEqualTo(2);
        cursor.close();
    }

    @Test
    void manyCursorsAtManyPlacesAreAllServed() {
        List<CrumbCursor> cursors = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            cursors.add(open(log.position()));
            append(1 + i % 3);
        }
        long newest = log.position();

        for (CrumbCursor cursor : cursors) {
            long missed = newest - cursor.position();
            assertThat(crumbs(cursor)).isEqualTo(missed);
            cursor.close();
        }
        assertThat(allocator.liveBuffers()).isEqualTo(1);
    }
}
