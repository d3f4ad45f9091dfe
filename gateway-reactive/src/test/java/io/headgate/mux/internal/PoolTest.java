package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** The pool with connections that are none. */
class PoolTest {

    private final MuxSettings settings =
            MuxSettings.builder().maxPending(2).maxAttempts(2).build();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop loop = new Loop(0, channel.eventLoop(), Duration.ofMillis(10));
    private int dials;
    private final List<Throwable> errors = new ArrayList<>();
    private final List<HttpReply> replies = new ArrayList<>();
    private Pool pool = pool(2, 1);

    private Pool pool(int maxConnections, int exchangesPerDial) {
        return new Pool(loop, settings, from -> dials++, maxConnections, exchangesPerDial);
    }

    private final class Fake implements BackConnection, BackStream {
        private final int room;
        private final List<BackExchange> exchanges = new ArrayList<>();
        private boolean listed;
        private boolean closed;
        private boolean leaving;

        Fake(int room) {
            this.room = room;
        }

        @Override
        public boolean hasCapacity() {
            return !closed && !leaving && exchanges.size() < room;
        }

        @Override
        public int active() {
            return exchanges.size();
        }

        @Override
        public BackStream start(BackExchange exchange) {
            exchanges.add(exchange);
            return this;
        }

        @Override
        public boolean isLeaving() {
            return leaving;
        }

        @Override
        public boolean isListed() {
            return listed;
        }

        @Override
        public void setListed(boolean value) {
            listed = value;
        }

        @Override
        public void close() {
            closed = true;
            List<BackExchange> lost = List.copyOf(exchanges);
            exchanges.clear();
            pool.disconnected(this);
            lost.forEach(exchange -> exchange.fail(UpstreamException.of(Failure.LOST, null)));
        }

        void answer() {
            BackExchange exchange = exchanges.remove(0);
            exchange.reply(new ReplyHead(200, Fields.empty()));
            exchange.replyEnded();
            pool.released(this);
        }

        @Override
        public void writeData(ByteBuf chunk, boolean last) {
            chunk.release();
        }

        @Override
        public void writeEnd(Fields trailers) {}

        @Override
        public void replyConsumed(int bytes) {}

        @Override
        public void cancel() {
            exchanges.clear();
        }
    }

    private BackExchange call() {
        Target target = new Target() {
            @Override
            public Pool pool(Loop current, Pool failed) {
                return pool;
            }

            @Override
            public MuxSettings settings() {
                return settings;
            }
        };
        BackExchange[] made = new BackExchange[1];
        new Mono<HttpReply>() {
            @Override
            public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                made[0] = new BackExchange(
                        target, loop, HttpExchange.of(RequestHead.of("GET", "a", "/"), Body.empty()), actual);
                actual.onSubscribe(made[0]);
            }
        }.subscribe(replies::add, errors::add);
        return made[0];
    }

    private Fake connect(int room) {
        Fake fake = new Fake(room);
        pool.connected(fake);
        return fake;
    }

    @AfterEach
    void nothingIsLeft() {
        pool.drain(() -> {});
        pool.cut();
        assertThat(loop.pending.get()).isZero();
        assertThat(loop.backConnections.get()).isZero();
        assertThat(loop.backExchanges.get()).isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void firstExchangeDialsAndFollowersUseTheConnection() {
        call();
        assertThat(dials).isEqualTo(1);
        assertThat(loop.pending.get()).isEqualTo(1);
        Fake fake = connect(1);
        assertThat(loop.pending.get()).isZero();
        fake.answer();
        call();
        fake.answer();
        assertThat(replies).hasSize(2);
        assertThat(dials).isEqualTo(1);
    }

    @Test
    void dialsAreBoundedAndWaitersServedInOrder() {
        BackExchange first = call();
        BackExchange second = call();
        assertThat(dials).isEqualTo(2);
        Fake fake = connect(1);
        BackExchange third = call();
        assertThat(dials).isEqualTo(2);
        assertThat(fake.exchanges).containsExactly(first);
        fake.answer();
        assertThat(fake.exchanges).containsExactly(second);
        fake.answer();
        assertThat(fake.exchanges).containsExactly(third);
        fake.answer();
        pool.dialFailed(new IOException("refused"));
        assertThat(errors).isEmpty();
    }

    @Test
    void oneDialServesManyStreams() {
        pool = pool(2, 100);
        BackExchange first = call();
        BackExchange second = call();
        assertThat(dials).isEqualTo(1);
        Fake fake = connect(100);
        assertThat(fake.exchanges).containsExactly(first, second);
        fake.answer();
        fake.answer();
    }

    @Test
    void leastLoadedConnectionIsTaken() {
        call();
        call();
        Fake busy = connect(3);
        Fake idle = connect(3);
        assertThat(busy.exchanges).hasSize(2);
        call();
        assertThat(idle.exchanges).hasSize(1);
        call();
        assertThat(idle.exchanges).hasSize(2);
        busy.close();
        idle.close();
        assertThat(errors).hasSize(4);
    }

    @Test
    void fullQueueRefuses() {
        call();
        call();
        call();
        assertThat(errors).singleElement().isInstanceOfSatisfying(UpstreamException.class, e -> {
            assertThat(e.failure()).isEqualTo(Failure.OVERLOADED);
            assertThat(e.is(io.headgate.Trait.REJECTED)).isTrue();
        });
        assertThat(loop.pending.get()).isEqualTo(2);
    }

    @Test
    void cancelledWaiterFreesItsPlace() {
        BackExchange first = call();
        call();
        first.cancel();
        first.cancel();
        assertThat(loop.pending.get()).isEqualTo(1);
        call();
        assertThat(errors).isEmpty();
        assertThat(loop.pending.get()).isEqualTo(2);
    }

    @Test
    void failedDialIsTriedAgainAndThenFails() {
        call();
        pool.dialFailed(new IOException("refused"));
        assertThat(errors).isEmpty();
        assertThat(dials).isEqualTo(2);
        pool.dialFailed(new IOException("refused"));
        assertThat(errors)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.failure()).isEqualTo(Failure.CONNECT));
    }

    @Test
    void connectionThatGoesIsReplacedWhileSomebodyWaits() {
        pool = pool(1, 1);
        call();
        Fake fake = connect(1);
        BackExchange second = call();
        assertThat(dials).isEqualTo(1);
        fake.close();
        assertThat(errors).hasSize(1);
        assertThat(dials).isEqualTo(2);
        Fake next = connect(1);
        assertThat(next.exchanges).containsExactly(second);
        next.answer();
    }

    @Test
    void closedPoolFailsWhoWaitsAndWhoComes() {
        call();
        pool.drain(() -> {});
        pool.cut();
        call();
        assertThat(errors).hasSize(2);
        Fake late = connect(1);
        assertThat(late.closed).isTrue();
    }

    @Test
    void drainingPoolServesWhoWaitsAndRefusesWhoComes() {
        BackExchange waiting = call();
        boolean[] drained = new boolean[2];
        pool.drain(() -> drained[0] = true);
        pool.drain(() -> drained[1] = true);
        call();
        assertThat(errors).hasSize(1);
        Fake fake = connect(1);
        assertThat(fake.exchanges).containsExactly(waiting);
        assertThat(drained).containsOnly(false);
        fake.answer();
        assertThat(replies).hasSize(1);
        assertThat(fake.closed).isTrue();
        assertThat(drained).containsOnly(true);
    }

    @Test
    void connectionThatLeavesMakesPlaceForAnother() {
        pool = pool(1, 10);
        call();
        Fake leaving = connect(1);
        BackExchange second = call();
        assertThat(dials).isEqualTo(1);
        leaving.leaving = true;
        pool.released(leaving);
        assertThat(dials).isEqualTo(2);
        Fake next = connect(10);
        assertThat(next.exchanges).containsExactly(second);
        leaving.answer();
        next.answer();
        assertThat(replies).hasSize(2);
    }
}
