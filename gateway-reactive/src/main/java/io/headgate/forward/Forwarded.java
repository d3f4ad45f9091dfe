package io.headgate.forward;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Tells upstreams where a request came from, in the fields {@code Forwarded} (RFC 7239) and {@code X-Forwarded-For},
 * {@code -Proto}, {@code -Host} and {@code -Port}, and that it passed here, in {@code Via} (RFC 9110 section 7.6.3, where a
 * gateway must).
 *
 * <p>What came with the request is believed only when the peer is in a {@linkplain #withTrusted trusted} network, and then
 * only in the one {@linkplain #withRead form} that the proxies there write; it is kept and added to. From anybody else all
 * such fields are dropped and begun anew: the own ones, {@code X-Real-IP}, those of other proxies and CDNs, and names that
 * differ from them by an underscore. {@link Client} is what later stages ask.
 *
 * <p>From a trusted peer, the client is found by walking the chain from its right end past trusted addresses. The walk ends
 * at a hop that is hidden or not known; the last address before it counts. A member of {@code X-Forwarded-For} that is no
 * node ends the chain, and what is left of it is dropped; a malformed {@code Forwarded} is refused with 400, because only
 * who breaks it can suffer from that. Chains are cut to their last 64 hops.
 *
 * <p>Immutable; each {@code with} method returns a copy. The stage is never idle: it copies the header fields once.
 *
 * <p><b>Errors.</b> {@link RefusedException}, 400.
 */
public final class Forwarded implements Stage<HttpExchange, HttpReply> {

    /** The forms in which proxies tell where a request came from. */
    public enum Form {
        /** {@code Forwarded}. */
        RFC_7239,
        /** {@code X-Forwarded-For}, {@code -Proto}, {@code -Host} and {@code -Port}. */
        X_FORWARDED
    }

    private static final String DEFAULT_PSEUDONYM = "headgate";
    private static final int MOST_ADDED = 7;

    private final Networks trusted;
    private final Form read;
    private final Set<Form> written;
    private final boolean realIp;
    private final @Nullable String pseudonym;

    private Forwarded(Networks trusted, Form read, Set<Form> written, boolean realIp, @Nullable String pseudonym) {
        this.trusted = trusted;
        this.read = read;
        this.written = written;
        this.realIp = realIp;
        this.pseudonym = pseudonym;
    }

    /**
     * Trusts nobody, writes both forms and a {@code Via} in the name of {@code headgate}.
     *
     * @return the stage
     */
    public static Forwarded create() {
        return new Forwarded(Networks.NONE, Form.X_FORWARDED, EnumSet.allOf(Form.class), false, DEFAULT_PSEUDONYM);
    }

    /**
     * A copy that believes some peers.
     *
     * @param changed the networks of the proxies in front of this gateway; each of them must write or strip the fields of
     *     the form that is read, or a client speaks through it
     * @return the copy
     */
    public Forwarded withTrusted(Networks changed) {
        return new Forwarded(Objects.requireNonNull(changed, "changed"), read, written, realIp, pseudonym);
    }

    /**
     * A copy that reads another form. Only one is read: a proxy that writes the one passes the other as the client made it.
     *
     * @param changed what the trusted proxies write; {@link Form#X_FORWARDED} unless set
     * @return the copy
     */
    public Forwarded withRead(Form changed) {
        return new Forwarded(trusted, Objects.requireNonNull(changed, "changed"), written, realIp, pseudonym);
    }

    /**
     * A copy that writes other forms. What is not written is dropped.
     *
     * @param changed both forms unless set
     * @return the copy
     */
    public Forwarded withWritten(Set<Form> changed) {
        Set<Form> copy = EnumSet.noneOf(Form.class);
        copy.addAll(changed);
        return new Forwarded(trusted, read, copy, realIp, pseudonym);
    }

    /**
     * A copy that also writes the address of the {@link Client} to {@code X-Real-IP}. That field is never believed.
     *
     * @param changed whether to; false unless set
     * @return the copy
     */
    public Forwarded withRealIp(boolean changed) {
        return new Forwarded(trusted, read, written, changed, pseudonym);
    }

    /**
     * A copy under another name in {@code Via}.
     *
     * @param changed a host with optional port or a pseudonym: a token with optional port
     * @return the copy
     * @throws IllegalArgumentException when it is neither
     */
    public Forwarded withVia(String changed) {
        if (changed.isEmpty() || !changed.chars().allMatch(c -> c == ':' || ForwardedSyntax.isToken((char) c))) {
            throw new IllegalArgumentException("via: " + changed + " (expected: a token, with an optional port)");
        }
        return new Forwarded(trusted, read, written, realIp, changed);
    }

    /**
     * A copy that writes no {@code Via}, for a gateway that adds it elsewhere.
     *
     * @return the copy
     */
    public Forwarded withoutVia() {
        return new Forwarded(trusted, read, written, realIp, null);
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("forwarded", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                HttpExchange edited;
                try {
                    edited = edit(exchange);
                } catch (GatewayException e) {
                    return Mono.error(e);
                }
                return next.call(edited);
            }
        };
    }

    private HttpExchange edit(HttpExchange exchange) {
        InetAddress peer = Networks.addressOf(exchange.connection().remoteAddress());
        boolean believed = peer != null && trusted.contains(peer);
        Fields fields = exchange.head().fields();
        Chain chain = believed ? Chain.read(read, fields) : Chain.NONE;
        int position = chain.client(trusted);
        InetAddress found = chain.address(position);
        String scheme = chain.scheme(position);
        Client client = new Client(
                found == null ? peer : found, scheme == null ? exchange.head().scheme() : scheme);

        ExchangeNotes.note(exchange, Client.KEY, client);

        CharSequence[] entries = new CharSequence[(fields.size() + MOST_ADDED) * 2];
        FieldWriter writer = new FieldWriter(entries);
        for (int i = 0; i < fields.size(); i++) {
            ForwardingField kind = ForwardingField.of(fields.name(i));
            if (kind == ForwardingField.OTHER || kind == ForwardingField.FOREIGN && believed) {
                writer.add(fields.name(i), fields.value(i));
            }
        }
        write(writer, exchange, chain, position, client, Hop.nodeOf(peer));
        return new HttpExchange(
                exchange.head().withFields(writer.fields()),
                exchange.body(),
                exchange.connection(),
                exchange.deadline(),
                exchange.attributes().with(Client.KEY, client),
                exchange.interim());
    }

    private void write(
            FieldWriter writer, HttpExchange exchange, Chain chain, int position, Client client, String peer) {
        List<Hop> hops = chain.hops();
        String authority = exchange.head().authority();
        if (written.contains(Form.RFC_7239)) {
            writer.forwarded(
                    hops,
                    read == Form.RFC_7239,
                    peer,
                    authority,
                    exchange.head().scheme());
        }
        if (written.contains(Form.X_FORWARDED)) {
            String host = chain.host(position);
            writer.xForwarded(
                    hops,
                    read == Form.X_FORWARDED,
                    peer,
                    client.scheme(),
                    host == null ? authority : host,
                    chain.port(position));
        }
        if (realIp && client.address() != null) {
            writer.add("x-real-ip", Hop.nodeOf(client.address()));
        }
        if (pseudonym != null) {
            writer.via(exchange.connection().version(), pseudonym);
        }
    }
}
