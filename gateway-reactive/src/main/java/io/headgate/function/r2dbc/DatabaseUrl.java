package io.headgate.function.r2dbc;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which database is meant. Nothing here prints a password: what is not understood is not repeated beyond its scheme. */
sealed interface DatabaseUrl {

    /** The end of each refusal. */
    String EXPECTED = " (expected: h2:mem:NAME, h2:file:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE)";

    /** An engine in this process. */
    record H2(boolean memory, String database) implements DatabaseUrl {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

        static H2 parse(String rest) {
            if (rest.startsWith("mem:")) {
                String name = rest.substring("mem:".length());
                if (name.isEmpty()) {
                    return new H2(true, "headgate-" + UUID.randomUUID());
                }
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException("url: h2:mem:" + printable(name)
                            + " (expected: a name of 1 to 64 letters, digits, _ and -, or none)");
                }
                return new H2(true, name);
            }
            if (rest.startsWith("file:")) {
                return new H2(false, path(rest.substring("file:".length())));
            }
            throw new IllegalArgumentException("url: h2:..." + EXPECTED);
        }

        private static String path(String text) {
            // H2 reads settings behind a semicolon, and those could run any code.
            if (text.isEmpty() || text.endsWith("/") || !text.equals(printable(text))) {
                throw new IllegalArgumentException(
                        "url: h2:file:" + printable(text)
                                + " (expected: the path of a file without its .mv.db, no semicolon and no question mark in it)");
            }
            try {
                return Path.of(text).toAbsolutePath().normalize().toString();
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("url: h2:file:" + text + " (expected: a path)", e);
            }
        }

        /** Without what looks like settings: they may have a password. */
        private static String printable(String text) {
            return text.split("[;?]", 2)[0];
        }

        @Override
        public String toString() {
            return memory ? "h2:mem:" + database : "h2:file:" + database;
        }
    }

    /** A server. Parameters are those of {@link #PARAMETERS}, by their names in R2DBC. */
    record Postgres(
            String host,
            int port,
            String database,
            @Nullable String user,
            @Nullable String password,
            Map<String, String> parameters)
            implements DatabaseUrl {

        /** Names in R2DBC; JDBC has them in lower case, but for the schema. */
        static final Set<String> PARAMETERS =
                Set.of("sslMode", "sslRootCert", "sslCert", "sslKey", "schema", "applicationName");

        private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
        private static final Pattern PARAMETER = Pattern.compile("[A-Za-z_]{1,32}");
        private static final int PORT = 5432;

        static Postgres parse(String rest) {
            URI uri;
            try {
                uri = new URI("postgresql:" + rest);
            } catch (URISyntaxException hasThePassword) {
                throw malformed("a character that must be percent-encoded");
            }
            String database = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("^/", "");
            if (uri.getHost() == null) {
                throw malformed("no host");
            }
            if (database.isEmpty() || database.indexOf('/') >= 0) {
                throw malformed("no name of a database behind the host");
            }
            if (uri.getRawFragment() != null) {
                throw malformed("a fragment");
            }
            String login = uri.getRawUserInfo();
            int colon = login == null ? -1 : login.indexOf(':');
            return new Postgres(
                    uri.getHost(),
                    uri.getPort() < 0 ? PORT : uri.getPort(),
                    decode(database),
                    login == null ? null : decode(colon < 0 ? login : login.substring(0, colon)),
                    login == null || colon < 0 ? null : decode(login.substring(colon + 1)),
                    parameters(uri.getRawQuery()));
        }

        private static Map<String, String> parameters(@Nullable String query) {
            Map<String, String> parameters = new TreeMap<>();
            if (query == null || query.isEmpty()) {
                return parameters;
            }
            for (String part : query.split("&")) {
                int equals = part.indexOf('=');
                String given = decode(equals < 0 ? part : part.substring(0, equals));
                String name = PARAMETERS.stream()
                        .filter(given::equalsIgnoreCase)
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("url: unknown parameter "
                                + (PARAMETER.matcher(given).matches() ? given : "") + " (expected: one of "
                                + String.join(", ", new TreeSet<>(PARAMETERS)) + ")"));
                String value = equals < 0 ? "" : decode(part.substring(equals + 1));
                if (name.equals("schema") && !SCHEMA.matcher(value).matches()) {
                    throw new IllegalArgumentException(
                            "url: schema " + value + " (expected: lower case letters, digits and _)");
                }
                parameters.put(name, value);
            }
            return parameters;
        }

        private static String decode(String text) {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        }

        private static IllegalArgumentException malformed(String why) {
            return new IllegalArgumentException("url: postgresql://... with " + why + EXPECTED);
        }

        /** Of an address of IPv6 without its brackets. */
        String bareHost() {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }

        /** Without user and password, which go beside it. */
        String jdbc() {
            StringBuilder text = new StringBuilder("jdbc:postgresql://" + host + ":" + port + "/")
                    .append(URLEncoder.encode(database, StandardCharsets.UTF_8));
            char separator = '?';
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                String name = parameter.getKey();
                text.append(separator)
                        .append(name.equals("schema") ? "currentSchema" : jdbcName(name))
                        .append('=')
                        .append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
                separator = '&';
            }
            return text.toString();
        }

        private static String jdbcName(String name) {
            return name.equals("applicationName") ? "ApplicationName" : name.toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return "postgresql://" + host + ":" + port + "/" + database;
        }
    }

    /**
     * Understands a URL.
     *
     * @throws IllegalArgumentException that says what was expected
     */
    static DatabaseUrl parse(String url) {
        String rest = url.startsWith("r2dbc:") ? url.substring("r2dbc:".length()) : url;
        int colon = rest.indexOf(':');
        String scheme = colon < 0 ? "" : rest.substring(0, colon);
        return switch (scheme) {
            case "h2" -> H2.parse(rest.substring(colon + 1));
            case "postgresql", "postgres" -> Postgres.parse(rest.substring(colon + 1));
            default ->
                throw new IllegalArgumentException(
                        "url: " + (scheme.matches("[a-z][a-z0-9+.-]{0,15}") ? "scheme " + scheme : "without a scheme")
                                + EXPECTED);
        };
    }
}
