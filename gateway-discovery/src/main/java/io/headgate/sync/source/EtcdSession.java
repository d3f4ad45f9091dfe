package io.headgate.sync.source;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.Outlet;
import io.headgate.sync.source.internal.etcd.AuthGrpc;
import io.headgate.sync.source.internal.etcd.AuthenticateRequest;
import io.headgate.sync.source.internal.etcd.AuthenticateResponse;
import io.headgate.sync.source.internal.etcd.Event;
import io.headgate.sync.source.internal.etcd.KVGrpc;
import io.headgate.sync.source.internal.etcd.KeyValue;
import io.headgate.sync.source.internal.etcd.RangeRequest;
import io.headgate.sync.source.internal.etcd.RangeResponse;
import io.headgate.sync.source.internal.etcd.WatchCreateRequest;
import io.headgate.sync.source.internal.etcd.WatchGrpc;
import io.headgate.sync.source.internal.etcd.WatchProgressRequest;
import io.headgate.sync.source.internal.etcd.WatchRequest;
import io.headgate.sync.source.internal.etcd.WatchResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/** One attempt to follow etcd over one connection: logs in, lists, and watches until something fails. */
final class EtcdSession {

    private static final Logger LOG = LoggerFactory.getLogger(EtcdSession.class);

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** Lets etcd end a watch of a member that is cut off from the others, which would tell nothing and never say so. */
    private static final Metadata.Key<String> NEEDS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    /** After so many intervals without a word a watch is dead. */
    private static final int SILENT_INTERVALS = 3;

    private final Channel connection;
    private final EtcdSpec spec;
    private final EtcdRange range;
    private final int pageSize;
    private final Scheduler timer;
    private final LongAdder skipped;
    private final Outlet outlet;

    /** At which everything is listed; zero before the first answer. */
    private long revision;

    EtcdSession(Channel connection, EtcdSpec spec, int pageSize, Scheduler timer, LongAdder skipped, Outlet outlet) {
        this.connection = connection;
        this.spec = spec;
        this.range = EtcdRange.under(spec.prefix());
        this.pageSize = pageSize;
        this.timer = timer;
        this.skipped = skipped;
        this.outlet = outlet;
    }

    /** Begins with the first page, and never completes. That the source was heard of is told once it is watched. */
    Flux<SyncEvent> events() {
        return login().flatMapMany(headers -> {
            Channel channel =
                    ClientInterceptors.intercept(connection, MetadataUtils.newAttachHeadersInterceptor(headers));
            return Flux.concat(
                    list(channel),
                    Mono.just(new SyncEvent.Status(SyncStatus.IN_SYNC)),
                    Flux.defer(() -> watch(channel)));
        });
    }

    private Mono<Metadata> login() {
        Metadata headers = new Metadata();
        headers.put(NEEDS_LEADER, "true");
        EtcdSpec.Login login = spec.login();
        if (login == null) {
            return Mono.just(headers);
        }
        AuthenticateRequest request = AuthenticateRequest.newBuilder()
                .setName(login.user())
                .setPassword(login.password())
                .build();
        return ask(connection, AuthGrpc.getAuthenticateMethod(), request)
                .map(AuthenticateResponse::getToken)
                .map(token -> {
                    headers.put(TOKEN, token);
                    return headers;
                });
    }

    // ---- what there is

    private Flux<SyncEvent> list(Channel channel) {
        return page(channel, range.from())
                .expand(page -> page.getMore() && page.getKvsCount() > 0
                        ? page(
                                channel,
                                EtcdRange.after(
                                        page.getKvs(page.getKvsCount() - 1).getKey()))
                        : Mono.empty())
                .concatMapIterable(this::listed);
    }

    private Mono<RangeResponse> page(Channel channel, ByteString from) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(from)
                .setRangeEnd(range.to())
                .setLimit(pageSize)
                .setRevision(revision)
                .build();
        return ask(channel, KVGrpc.getRangeMethod(), request)
                .onErrorMap(error -> Status.fromThrowable(error).getCode() == Status.Code.OUT_OF_RANGE
                        ? new CompactedException(revision, String.valueOf(error.getMessage()))
                        : error);
    }

    private List<SyncEvent> listed(RangeResponse page) {
        List<SyncEvent> events = new ArrayList<>(2);
        if (revision == 0) {
            revision = page.getHeader().getRevision();
            outlet.restart(); // not before: until etcd answers what waits is the best there is
            events.add(new SyncEvent.Status(SyncStatus.RESYNC));
        }
        List<SyncUpdate> updates = new ArrayList<>(page.getKvsCount());
        for (KeyValue entry : page.getKvsList()) {
            String key = key(entry);
            if (key != null) {
                updates.add(SyncUpdate.added(key, entry.getValue(), Long.toString(entry.getModRevision())));
            }
        }
        events.add(new SyncEvent.Updates(updates));
        return events;
    }

    private static <Q, R> Mono<R> ask(Channel channel, MethodDescriptor<Q, R> method, Q question, CallOptions options) {
        return EtcdCall.of(channel, method, options, Mono.just(question)).single();
    }

    private <Q, R> Mono<R> ask(Channel channel, MethodDescriptor<Q, R> method, Q question) {
        return Mono.defer(() -> ask(
                channel,
                method,
                question,
                CallOptions.DEFAULT.withDeadlineAfter(spec.timeout().toNanos(), TimeUnit.NANOSECONDS)));
    }

    // ---- what changes

    private Flux<SyncEvent> watch(Channel channel) {
        WatchRequest begin = WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(range.from())
                        .setRangeEnd(range.to())
                        .setStartRevision(revision) // which was listed: see told
                        .setFragment(true))
                .build();
        WatchRequest progress = WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build();
        Duration interval = spec.progressInterval();
        Flux<WatchRequest> questions = Flux.concat(
                Mono.just(begin),
                Flux.interval(interval, timer).onBackpressureDrop().map(tick -> progress));
        Duration silence = interval.multipliedBy(SILENT_INTERVALS);
        return EtcdCall.of(channel, WatchGrpc.getWatchMethod(), CallOptions.DEFAULT, questions)
                .timeout(Mono.delay(spec.timeout(), timer), answer -> Mono.delay(silence, timer))
                .onErrorMap(TimeoutException.class, late -> silent())
                .handle(this::changed);
    }

    private static RuntimeException silent() {
        return Status.DEADLINE_EXCEEDED
                .withDescription("watch: silent (expected: a word now and then)")
                .asRuntimeException();
    }

    private void changed(WatchResponse answer, SynchronousSink<SyncEvent> sink) {
        if (answer.getCompactRevision() > 0) {
            sink.error(new CompactedException(answer.getCompactRevision(), "watched from " + revision));
        } else if (answer.getCanceled()) {
            sink.error(Status.UNAVAILABLE
                    .withDescription("watch: cancelled by etcd: " + answer.getCancelReason())
                    .asRuntimeException());
        } else if (answer.getEventsCount() == 0) {
            sink.next(new SyncEvent.Heard(Instant.ofEpochMilli(timer.now(TimeUnit.MILLISECONDS))));
        } else {
            List<SyncUpdate> changes = changes(answer.getEventsList());
            if (!changes.isEmpty()) {
                sink.next(new SyncEvent.Updates(changes));
            }
        }
    }

    private List<SyncUpdate> changes(List<Event> events) {
        List<SyncUpdate> updates = new ArrayList<>(events.size());
        for (Event event : events) {
            KeyValue entry = event.getKv();
            String key = told(entry) ? null : key(entry);
            if (key != null) {
                String at = Long.toString(entry.getModRevision());
                updates.add(
                        event.getType() == Event.EventType.DELETE
                                ? SyncUpdate.deleted(key, at)
                                : SyncUpdate.changed(key, entry.getValue(), at));
            }
        }
        return updates;
    }

    /**
     * Whether an event was in the list already. A watch begins at the revision of the list and not at the next one: when the
     * first revision that is asked for is a deletion that has just been compacted, etcd may leave it out and say nothing
     * (its issues 18089 and 19179); of an earlier one it says that it is compacted.
     */
    private boolean told(KeyValue entry) {
        return entry.getModRevision() <= revision;
    }

    private @Nullable String key(KeyValue entry) {
        if (!entry.getKey().isValidUtf8()) {
            skipped.increment();
            LOG.debug("key {}: not UTF-8, left out", entry.getKey());
            return null;
        }
        String key = entry.getKey().toStringUtf8();
        return spec.keepsPrefix() ? key : key.substring(spec.prefix().length());
    }
}
