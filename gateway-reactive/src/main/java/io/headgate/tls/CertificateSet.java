package io.headgate.tls;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a listener with an index of the names that they stand for. A client gets the one that has exactly the
 * name that it asked for (SNI), else the one with a wildcard for it, else the first. When two stand for the same name, the
 * earlier one has it. Immutable; any thread may use it.
 */
public final class CertificateSet {

    private final List<Credential> credentials;
    private final Map<String, Credential> exact = new HashMap<>();
    private final Map<String, Credential> wildcards = new HashMap<>(); // by what follows the asterisk, with its dot
    private final Instant since = Instant.now();

    private CertificateSet(List<Credential> credentials) {
        this.credentials = List.copyOf(credentials);
        if (this.credentials.isEmpty()) {
            throw new IllegalArgumentException("credentials: none (expected: at least one)");
        }
        for (Credential credential : this.credentials) {
            credential.subjectNames().exact().forEach(name -> exact.putIfAbsent(name, credential));
            credential.subjectNames().wildcards().forEach(parent -> wildcards.putIfAbsent(parent, credential));
        }
    }

    /**
     * Some certificates.
     *
     * @param first what clients get that name no host, or none that is known
     * @param more the others
     * @return the set
     */
    public static CertificateSet of(Credential first, Credential... more) {
        return new CertificateSet(
                Stream.concat(Stream.of(first), Stream.of(more)).toList());
    }

    /**
     * Some certificates.
     *
     * @param credentials at least one; the first is what clients get that name no host, or none that is known
     * @return the set
     * @throws IllegalArgumentException when there is none
     */
    public static CertificateSet of(List<Credential> credentials) {
        return new CertificateSet(credentials);
    }

    /**
     * The certificate for a client.
     *
     * @param serverName the name that it asked for, or null
     * @return the best one
     */
    public Credential select(@Nullable String serverName) {
        if (serverName == null) {
            return credentials.get(0);
        }
        String name = SubjectNames.normal(serverName);
        Credential chosen = exact.get(name);
        String parent = SubjectNames.parent(name);
        if (chosen == null && parent != null) {
            chosen = wildcards.get(parent);
        }
        return chosen == null ? credentials.get(0) : chosen;
    }

    /**
     * All certificates.
     *
     * @return the first is the default
     */
    public List<Credential> credentials() {
        return credentials;
    }

    /**
     * When this set was made: how old the state is that it shows.
     *
     * @return the time
     */
    public Instant since() {
        return since;
    }

    @Override
    public String toString() {
        return credentials + " since " + since;
    }
}
