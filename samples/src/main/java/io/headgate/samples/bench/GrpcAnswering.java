package io.headgate.samples.bench;

import io.grpc.BindableService;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The answering end of {@link GrpcContender}, and its methods. */
final class GrpcAnswering {

    private static final String SERVICE = "bench";

    static final MethodDescriptor<byte[], byte[]> CALL = method("call", MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> DOWNLOAD = method("download", MethodType.SERVER_STREAMING);

    private GrpcAnswering() {}

    static BindableService service() {
        return () -> ServerServiceDefinition.builder(SERVICE)
                .addMethod(CALL, ServerCalls.asyncUnaryCall((request, answers) -> {
                    answers.onNext(request);
                    answers.onCompleted();
                }))
                .addMethod(DOWNLOAD, ServerCalls.asyncServerStreamingCall(GrpcAnswering::send))
                .build();
    }

    private static void send(byte[] order, StreamObserver<byte[]> answers) {
        Download what = Download.decode(ByteBuffer.wrap(order));
        ServerCallStreamObserver<byte[]> to = (ServerCallStreamObserver<byte[]>) answers;
        byte[] frame = new byte[what.frame()];
        long[] left = {what.frames()};
        to.setOnReadyHandler(() -> {
            while (left[0] > 0 && to.isReady()) {
                Frames.fill(what.source(), frame);
                to.onNext(frame); // serialized before it returns
                if (--left[0] == 0) {
                    to.onCompleted();
                }
            }
        });
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setType(type)
                .build();
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new Whole(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                byte[] bytes = new byte[stream.available()]; // gRPC's streams know what is left
                stream.readNBytes(bytes, 0, bytes.length);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Tells gRPC its length and writes itself, as messages of protobuf do; without that gRPC copies through a buffer for each. */
    private static final class Whole extends ByteArrayInputStream implements KnownLength, Drainable {

        Whole(byte[] value) {
            super(value);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int written = available();
            target.write(buf, pos, written);
            pos = count;
            return written;
        }
    }
}
