package io.headgate.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Certificates and their keys in files, which may be replaced while they are used. Immutable. */
public final class PemFiles {

    private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);

    private final List<Pair> pairs;

    private PemFiles(List<Pair> pairs) {
        this.pairs = List.copyOf(pairs);
    }

    /**
     * One certificate with its key.
     *
     * @param chain certificates in PEM, that of the key first
     * @param key the private key in PEM: PKCS #8, or PKCS #1 for RSA; not encrypted
     * @return the files, which have not been looked at
     */
    public static PemFiles of(Path chain, Path key) {
        return new PemFiles(List.of(new Pair(chain, key)));
    }

    /**
     * One more certificate with its key.
     *
     * @param chain certificates in PEM, that of the key first
     * @param key its private key
     * @return the files of both
     */
    public PemFiles and(Path chain, Path key) {
        List<Pair> all = new ArrayList<>(pairs);
        all.add(new Pair(chain, key));
        return new PemFiles(all);
    }

    /**
     * Reads the files. Blocks while it reads.
     *
     * @return what they hold now; the first pair is the default
     * @throws IllegalArgumentException when a file cannot be read, is not PEM, or a key is not that of its certificate; the
     *     message names the file
     */
    public CertificateSet load() {
        return CertificateSet.of(parsed(contents(), List.of(), List.of()));
    }

    /**
     * A state stream of what the files hold. It reads them at once and then regularly, gives a new set when they have
     * changed and are good, and keeps the last good one while they are bad, which it logs once for each reason; so it does
     * not matter in which order the files of a pair are replaced. It never completes and never fails: where a bad file
     * should be refused at the start, {@link #load} says so.
     *
     * <p><b>Threading.</b> Reads on a thread that may block. <b>Cancellation</b> ends the reading.
     *
     * @param interval how often to look; a few seconds are cheap, as the files are small
     * @return the stream; each subscriber looks for itself
     */
    public Flux<CertificateSet> watch(Duration interval) {
        return watch(interval, Schedulers.boundedElastic());
    }

    Flux<CertificateSet> watch(Duration interval, Scheduler scheduler) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: more than zero)");
        }
        return Flux.defer(() -> {
            Watch watch = new Watch();
            return Flux.interval(Duration.ZERO, interval, scheduler)
                    .onBackpressureDrop()
                    .<CertificateSet>handle((tick, sink) -> {
                        CertificateSet changed = watch.look();
                        if (changed != null) {
                            sink.next(changed);
                        }
                    });
        });
    }

    private List<byte[]> contents() {
        List<byte[]> contents = new ArrayList<>();
        for (Pair pair : pairs) {
            contents.add(Pem.read(pair.chain));
            contents.add(Pem.read(pair.key));
        }
        return contents;
    }

    /** What contents mean; a pair that is as it was stays the same credential, with its sessions. */
    private List<Credential> parsed(List<byte[]> contents, List<byte[]> before, List<Credential> known) {
        List<Credential> credentials = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            byte[] chain = contents.get(2 * i);
            byte[] key = contents.get(2 * i + 1);
            boolean same = !before.isEmpty()
                    && Arrays.equals(chain, before.get(2 * i))
                    && Arrays.equals(key, before.get(2 * i + 1));
            credentials.add(same ? known.get(i) : pairs.get(i).parsed(chain, key));
        }
        return credentials;
    }

    @Override
    public String toString() {
        return pairs.toString();
    }

    private record Pair(Path chain, Path key) {

        Pair {
            Objects.requireNonNull(chain, "chain");
            Objects.requireNonNull(key, "key");
        }

        Credential parsed(byte[] chainContent, byte[] keyContent) {
            try {
                return Credential.of(Pem.key(key, keyContent), Pem.certificates(chain, chainContent));
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage());
                if (message.startsWith(key.toString()) || message.startsWith(chain.toString())) {
                    throw e;
                }
                throw new IllegalArgumentException(key + ": " + message, e);
            }
        }
    }

    /** What one subscriber has seen. */
    private final class Watch {

        private List<byte[]> last = List.of();
        private List<Credential> credentials = List.of();
        private String complaint = "";

        /** What the files hold, when that is new and good. */
        @Nullable CertificateSet look() {
            try {
                List<byte[]> now = contents();
                List<Credential> parsed = parsed(now, last, credentials);
                complaint = "";
                if (parsed.equals(credentials)) {
                    return null;
                }
                last = now;
                credentials = parsed;
                LOG.info("certificates read: {}", parsed);
                return CertificateSet.of(parsed);
            } catch (IllegalArgumentException e) {
                complain(String.valueOf(e.getMessage()), e);
                return null;
            }
        }

        private void complain(String message, IllegalArgumentException why) {
            if (!message.equals(complaint)) {
                complaint = message;
                LOG.warn(
                        "certificates not read, {}: {}",
                        last.isEmpty() ? "there are none yet" : "the last good ones stay",
                        message,
                        why);
            }
        }
    }
}
