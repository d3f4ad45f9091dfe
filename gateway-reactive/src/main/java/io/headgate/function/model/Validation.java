package io.headgate.function.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the fields of entities must be. Each violation is {@link ErrorKind#INVALID}. */
final class Validation {

    static final int MAX_NAME = 255;
    static final int MAX_IMAGE = 512;
    static final int MAX_URL = 1024;
    static final int MAX_MEMORY_MB = 8192;
    static final int MAX_TIMEOUT_SECONDS = 300;
    static final int MAX_IDLE_TIMEOUT_SECONDS = 3600;

    /** All keys and values of a configuration: it goes into the environment of processes and lies in every cache. */
    static final int MAX_CONFIG_CHARS = 65_536;

    private static final String PATH_PUNCTUATION = "-_.~$&+:=@";
    private static final Set<String> NETWORK_LOGS = Set.of("tcp", "udp", "tcp+tls");
    private static final Set<String> LOCAL_LOGS = Set.of("unix", "unixgram");

    private Validation() {}

    static FunctionException invalid(String field, Object value, String expected) {
        return new FunctionException(ErrorKind.INVALID, field + ": " + shown(value) + " (expected: " + expected + ")");
    }

    static void noId(String id) {
        if (!id.isEmpty()) {
            throw invalid("id", id, "none: the store makes it");
        }
    }

    static void sameId(String id, @Nullable String said) {
        if (said != null && !said.isEmpty() && !said.equals(id)) {
            throw invalid("id", said, id);
        }
    }

    static void unchanged(String field, String before, @Nullable String said) {
        if (said != null && !said.equals(before)) {
            throw new FunctionException(
                    ErrorKind.CONFLICT, field + ": " + shown(said) + " (expected: " + before + "; it never changes)");
        }
    }

    static void reference(String field, String id) {
        if (id.isBlank()) {
            throw invalid(field, id, "the id of one that exists");
        }
    }

    static void name(String name) {
        if (!isShort(name) || !name.codePoints().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-')) {
            throw invalid("name", name, "1 to " + MAX_NAME + " letters, digits, _ and -");
        }
    }

    static void pathName(String name) {
        if (!isShort(name)
                || name.equals(".")
                || name.equals("..")
                || !name.chars().allMatch(Validation::isPathChar)) {
            throw invalid("name", name, "1 to " + MAX_NAME + " ASCII letters, digits and " + PATH_PUNCTUATION);
        }
    }

    private static boolean isPathChar(int c) {
        return c < 128 && (Character.isLetterOrDigit(c) || PATH_PUNCTUATION.indexOf(c) >= 0);
    }

    private static boolean isShort(String name) {
        return !name.isEmpty() && name.codePointCount(0, name.length()) <= MAX_NAME;
    }

    static void image(String image) {
        if (image.isEmpty() || image.length() > MAX_IMAGE || !isVisible(image)) {
            throw invalid("image", image, "1 to " + MAX_IMAGE + " visible ASCII characters");
        }
    }

    static void range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw invalid(field, value, min + " to " + max);
        }
    }

    /** The number that an annotation is, a default when it is not there. */
    static int number(Annotations said, String key, int orElse, int min, int max) {
        String text = said.get(key);
        if (text == null) {
            return orElse;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException unreadable) {
            // refused below, as a number that is out of range
        }
        throw invalid("annotations." + key, text, "a number, " + min + " to " + max);
    }

    /** Entries with an empty value are allowed: in a patch they remove their key. */
    static void config(Map<String, String> config) {
        long chars = 0;
        for (Map.Entry<String, String> entry : config.entrySet()) {
            String key = entry.getKey();
            if (key.isEmpty() || key.length() > MAX_NAME || !isVisible(key) || key.indexOf('=') >= 0) {
                throw invalid("config", key, "keys of 1 to " + MAX_NAME + " visible ASCII characters, none of them =");
            }
            if (entry.getValue().indexOf('\0') >= 0) {
                throw invalid("config." + key, entry.getValue().replace('\0', '?'), "no NUL character");
            }
            chars += key.length() + entry.getValue().length();
        }
        if (chars > MAX_CONFIG_CHARS) {
            throw invalid("config", chars + " characters", "at most " + MAX_CONFIG_CHARS + " in all keys and values");
        }
    }

    static Map<String, String> merged(Map<String, String> config, @Nullable Map<String, String> patch) {
        if (patch == null || patch.isEmpty()) {
            return config;
        }
        Map<String, String> merged = new HashMap<>(config);
        patch.forEach((key, value) -> {
            if (value.isEmpty()) {
                merged.remove(key);
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }

    static void syslogUrl(String url) {
        if (url.length() > MAX_URL || !isLogUrl(url)) {
            throw invalid("syslog_url", url, "tcp, udp or tcp+tls://host[:port], or unix or unixgram:///path");
        }
    }

    private static boolean isLogUrl(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException unreadable) {
            return false;
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (NETWORK_LOGS.contains(scheme)) {
            return uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= 65_535;
        }
        return LOCAL_LOGS.contains(scheme)
                && uri.getPath() != null
                && uri.getPath().startsWith("/")
                && uri.getPath().length() > 1;
    }

    static boolean isVisible(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static String shown(Object value) {
        String text = value.toString();
        return text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "...";
    }
}
