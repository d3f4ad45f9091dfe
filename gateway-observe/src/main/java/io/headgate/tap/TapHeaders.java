package io.headgate.tap;

import io.headgate.http.Fields;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which header fields and trailers a tap shows. Immutable.
 *
 * @param shown whether any are
 * @param redacted the names, in lower case, of those whose value is replaced by {@link #REDACTED}
 */
public record TapHeaders(boolean shown, Set<String> redacted) {

    /** What stands in the place of a value that is nobody's business. */
    public static final String REDACTED = "(redacted)";

    /** What may let somebody in: always redacted unless a set of one's own is given. */
    public static final Set<String> SECRETS = Set.of(
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "x-auth-token",
            "x-csrf-token",
            "x-forwarded-client-cert",
            "www-authenticate",
            "proxy-authenticate",
            "authentication-info",
            "proxy-authentication-info");

    /** No fields. */
    public static final TapHeaders NONE = new TapHeaders(false, SECRETS);

    /** All fields, without the values of {@link #SECRETS}. */
    public static final TapHeaders SHOWN = new TapHeaders(true, SECRETS);

    /** Copies the names in lower case. */
    public TapHeaders {
        redacted = redacted.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * A copy that redacts more.
     *
     * @param names of fields, in any case
     * @return the copy
     */
    public TapHeaders alsoRedacting(String... names) {
        return new TapHeaders(
                shown, Stream.concat(redacted.stream(), Stream.of(names)).collect(Collectors.toUnmodifiableSet()));
    }

    /**
     * What is shown of some fields.
     *
     * @param fields the fields
     * @return the same with redacted values; empty when none are shown
     */
    public Fields extract(Fields fields) {
        Objects.requireNonNull(fields, "fields");
        if (!shown || fields.isEmpty()) {
            return Fields.empty();
        }
        CharSequence[] seen = new CharSequence[fields.size() * 2]; // valid as it is: not checked again
        for (int i = 0; i < fields.size(); i++) {
            CharSequence name = fields.name(i);
            seen[i * 2] = name;
            seen[i * 2 + 1] = redacted.contains(name.toString().toLowerCase(Locale.ROOT)) ? REDACTED : fields.value(i);
        }
        return Fields.ofValidated(seen, fields.size());
    }
}
