package io.headgate.discovery.linkerd;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.headgate.discovery.linkerd.internal.wire.AddrSet;
import io.headgate.discovery.linkerd.internal.wire.DestinationGrpc;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.GetDestination;
import io.headgate.discovery.linkerd.internal.wire.IPAddress;
import io.headgate.discovery.linkerd.internal.wire.TcpAddress;
import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddr;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddrSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A control plane that says what a test makes it say, stream by stream. */
final class ScriptedPlane extends DestinationGrpc.DestinationImplBase {

    /** One stream that a client has asked for. */
    static final class Call<W> {

        final GetDestination question;
        private final ServerCallStreamObserver<W> client;

        Call(GetDestination question, StreamObserver<W> client) {
            this.question = question;
            this.client = (ServerCallStreamObserver<W>) client;
            this.client.setOnCancelHandler(() -> {});
        }

        void tell(W message) {
            client.onNext(message);
        }

        void end() {
            client.onCompleted();
        }

        void fail(Status status) {
            client.onError(status.asRuntimeException());
        }

        boolean isCancelled() {
            return client.isCancelled();
        }
    }

    final List<Call<Update>> gets = new CopyOnWriteArrayList<>();
    final List<Call<DestinationProfile>> profiles = new CopyOnWriteArrayList<>();

    @Override
    public void get(GetDestination question, StreamObserver<Update> client) {
        gets.add(new Call<>(question, client));
    }

    @Override
    public void getProfile(GetDestination question, StreamObserver<DestinationProfile> client) {
        profiles.add(new Call<>(question, client));
    }

    Call<Update> lastGet() {
        return gets.get(gets.size() - 1);
    }

    Call<DestinationProfile> lastProfile() {
        return profiles.get(profiles.size() - 1);
    }

    static Update add(int... lastBytes) {
        WeightedAddrSet.Builder set = WeightedAddrSet.newBuilder();
        for (int lastByte : lastBytes) {
            set.addAddrs(WeightedAddr.newBuilder().setAddr(address(lastByte)).setWeight(10_000));
        }
        return Update.newBuilder().setAdd(set).build();
    }

    static Update remove(int... lastBytes) {
        AddrSet.Builder set = AddrSet.newBuilder();
        for (int lastByte : lastBytes) {
            set.addAddrs(address(lastByte));
        }
        return Update.newBuilder().setRemove(set).build();
    }

    static TcpAddress address(int lastByte) {
        return TcpAddress.newBuilder()
                .setIp(IPAddress.newBuilder().setIpv4(10 << 24 | lastByte))
                .setPort(8080)
                .build();
    }
}
