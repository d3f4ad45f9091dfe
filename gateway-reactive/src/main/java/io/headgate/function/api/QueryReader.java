package io.headgate.function.api;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.PageRequest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads queries as HTML forms write them, and what lists are asked with. */
final class QueryReader {

    private static final int MOST_PER_PAGE = 100;

    private QueryReader() {}

    /** Null when it is not there or empty, as Fn has it. */
    static @Nullable String one(String query, String name) {
        String found = null;
        int start = 0;
        while (start < query.length()) {
            int end = query.indexOf('&', start);
            end = end < 0 ? query.length() : end;
            String pair = query.substring(start, end);
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (PercentText.decoded(key, true, "query").equals(name)) {
                if (found != null) {
                    throw new FunctionException(ErrorKind.INVALID, name + ": there twice (expected: once)");
                }
                found = equals < 0 ? "" : PercentText.decoded(pair.substring(equals + 1), true, name);
            }
            start = end + 1;
        }
        return found == null || found.isEmpty() ? null : found;
    }

    static String required(ApiRequest request, String name) {
        String value = request.query(name);
        if (value == null) {
            throw new FunctionException(ErrorKind.INVALID, name + ": missing (expected: in the query)");
        }
        return value;
    }

    static PageRequest page(ApiRequest request) {
        return new PageRequest(cursor(request), perPage(request.query("per_page")));
    }

    /** What is no number is as good as nothing: so it was with Fn, and pages must be of some size. */
    private static int perPage(@Nullable String text) {
        int wanted = 0;
        try {
            wanted = text == null ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // the default
        }
        return wanted <= 0 ? PageRequest.FIRST.size() : Math.min(wanted, MOST_PER_PAGE);
    }

    private static @Nullable String cursor(ApiRequest request) {
        String text = request.query("cursor");
        if (text == null) {
            return null;
        }
        try {
            return PercentText.utf8(Base64.getUrlDecoder().decode(text), text, "cursor");
        } catch (IllegalArgumentException e) {
            throw new FunctionException(
                    ErrorKind.INVALID, "cursor: " + Shown.text(text) + " (expected: the next_cursor of a reply)");
        }
    }

    static String cursorOf(String next) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(next.getBytes(StandardCharsets.UTF_8));
    }

    static @Nullable Instant time(ApiRequest request, String name) {
        String text = request.query(name);
        if (text == null) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(Long.parseLong(text));
        } catch (NumberFormatException | DateTimeException e) {
            throw new FunctionException(
                    ErrorKind.INVALID, name + ": " + Shown.text(text) + " (expected: seconds since 1970)");
        }
    }
}
