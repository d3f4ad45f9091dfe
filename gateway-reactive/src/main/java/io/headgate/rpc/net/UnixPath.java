package io.headgate.rpc.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The file of a unix socket, which the kernel makes at bind and never removes. Files are touched where one may block. */
final class UnixPath {

    private static final Logger LOG = LoggerFactory.getLogger(UnixPath.class);

    private final Path path;
    private volatile @Nullable Object key; // tells our file from one that somebody else has put there since

    private UnixPath(Path path) {
        this.path = path;
    }

    /** Makes room: removes what an earlier process has left there, and nothing else. */
    static Mono<UnixPath> claim(String text) {
        return Mono.fromCallable(() -> {
                    UnixPath path = new UnixPath(Path.of(text));
                    path.removeStale();
                    return path;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    private void removeStale() throws IOException {
        BasicFileAttributes there = attributes();
        if (there == null) {
            return;
        }
        if (!there.isOther()) {
            throw new IOException(
                    "cannot listen on unix:" + path + ": a " + (there.isDirectory() ? "directory" : "file")
                            + " (expected: nothing, or a socket that nobody listens on)");
        }
        if (isListenedOn()) {
            throw new IOException("cannot listen on unix:" + path + ": somebody listens on it");
        }
        Files.deleteIfExists(path);
        LOG.info("removed a stale socket: {}", path);
    }

    private @Nullable BasicFileAttributes attributes() throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Only a refusal says that nobody does: no other failure is a reason to remove what is not ours. */
    private boolean isListenedOn() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            return !String.valueOf(e.getMessage()).contains("refused");
        }
    }

    /** The socket is bound: what is at the path now is ours. */
    Mono<Void> taken() {
        return Mono.<Void>fromCallable(() -> {
                    BasicFileAttributes ours = attributes();
                    key = ours == null ? null : ours.fileKey();
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    /** The socket is closed: removes its file, unless another is there by now. */
    Mono<Void> release() {
        return Mono.<Void>fromCallable(() -> {
                    BasicFileAttributes there = attributes();
                    if (there != null
                            && there.isOther()
                            && there.fileKey() != null
                            && there.fileKey().equals(key)) {
                        Files.deleteIfExists(path);
                    }
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorResume(IOException.class, e -> {
                    LOG.warn("cannot remove the socket {}", path, e);
                    return Mono.empty();
                });
    }
}
