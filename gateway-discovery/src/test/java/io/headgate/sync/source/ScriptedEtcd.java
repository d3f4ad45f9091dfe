package io.headgate.sync.source;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.headgate.sync.source.internal.etcd.KVGrpc;
import io.headgate.sync.source.internal.etcd.KeyValue;
import io.headgate.sync.source.internal.etcd.RangeRequest;
import io.headgate.sync.source.internal.etcd.RangeResponse;
import io.headgate.sync.source.internal.etcd.ResponseHeader;
import io.headgate.sync.source.internal.etcd.WatchGrpc;
import io.headgate.sync.source.internal.etcd.WatchRequest;
import io.headgate.sync.source.internal.etcd.WatchResponse;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An etcd that answers as a test says, one answer after the other, and is silent when there is none. */
final class ScriptedEtcd implements AutoCloseable {

    final List<RangeRequest> ranges = new CopyOnWriteArrayList<>();
    final List<WatchRequest> watches = new CopyOnWriteArrayList<>();

    private final Queue<Function<RangeRequest, RangeResponse>> pages = new ConcurrentLinkedQueue<>();
    private final Queue<Consumer<StreamObserver<WatchResponse>>> changes = new ConcurrentLinkedQueue<>();
    private final Server server;

    ScriptedEtcd() throws IOException {
        this(null);
    }

    ScriptedEtcd(@Nullable SslContext tls) throws IOException {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        if (tls != null) {
            builder.sslContext(tls);
        }
        server = builder.directExecutor()
                .addService(new Keys())
                .addService(new Watches())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    /** The next page. */
    ScriptedEtcd page(long revision, boolean more, String... keys) {
        return answer(request -> pageOf(revision, more, keys));
    }

    ScriptedEtcd answer(Function<RangeRequest, RangeResponse> page) {
        pages.add(page);
        return this;
    }

    ScriptedEtcd refuse(io.grpc.Status status) {
        return answer(request -> {
            throw status.asRuntimeException();
        });
    }

    /** What the next watch is told. */
    ScriptedEtcd watch(Consumer<StreamObserver<WatchResponse>> told) {
        changes.add(told);
        return this;
    }

    static RangeResponse pageOf(long revision, boolean more, String... keys) {
        RangeResponse.Builder page = RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                .setMore(more);
        for (String key : keys) {
            page.addKvs(entry(ByteString.copyFromUtf8(key), revision));
        }
        return page.build();
    }

    static KeyValue entry(ByteString key, long revision) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(ByteString.copyFromUtf8("v"))
                .setModRevision(revision)
                .build();
    }

    static WatchResponse created() {
        return WatchResponse.newBuilder().setCreated(true).build();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Keys extends KVGrpc.KVImplBase {

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
            ranges.add(request);
            Function<RangeRequest, RangeResponse> next = pages.poll();
            if (next == null) {
                return;
            }
            try {
                answer.onNext(next.apply(request));
                answer.onCompleted();
            } catch (StatusRuntimeException refused) {
                answer.onError(refused);
            }
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {

        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watches.add(request);
                    Consumer<StreamObserver<WatchResponse>> next = request.hasCreateRequest() ? changes.poll() : null;
                    if (next != null) {
                        next.accept(answers);
                    }
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }
}
