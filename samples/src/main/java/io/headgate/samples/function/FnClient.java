package io.headgate.samples.function;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Speaks to a server of functions: the API v2, and calls. Waits for answers; any failure is an {@link FnFailure}. Applications, functions
 * and triggers are known to users by their names and to the API by ids: it looks them up.
 */
public final class FnClient {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int PAGE = 100;
    private static final byte[] NOTHING = {};
    private static final String JSON = "application/json";

    private final String url;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    private FnClient(String url) {
        this.url = url;
    }

    /**
     * A client of a server.
     *
     * @param url where it is, with a path if it is mounted under one
     * @throws IllegalArgumentException when that is no URL of HTTP
     */
    public static FnClient of(String url) {
        String expected = "url: " + url + " (expected: http://HOST:PORT or https://HOST:PORT)";
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(expected, e);
        }
        boolean spoken = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!spoken || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
            throw new IllegalArgumentException(expected);
        }
        return new FnClient(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    }

    // ---- the API

    /** Gets a resource. */
    public JsonNode get(String path) {
        return send("GET", path, NOTHING).orFailure().json();
    }

    /** Adds something, or orders something done. */
    public JsonNode post(String path, JsonNode body) {
        return write("POST", path, body);
    }

    /** Changes something. */
    public JsonNode put(String path, JsonNode body) {
        return write("PUT", path, body);
    }

    private JsonNode write(String method, String path, JsonNode body) {
        byte[] bytes = JsonMapper.shared().writeValueAsBytes(body);
        return send(method, path, bytes, "content-type", JSON).orFailure().json();
    }

    /** Deletes something. */
    public void delete(String path) {
        send("DELETE", path, NOTHING).orFailure();
    }

    /**
     * Gets a list, page by page.
     *
     * @param path with its query, or none
     * @param most after how many items to stop
     */
    public List<JsonNode> list(String path, int most) {
        String part = path + (path.contains("?") ? "&" : "?") + "per_page=" + Math.min(most, PAGE);
        List<JsonNode> items = new ArrayList<>();
        @Nullable String cursor = "";
        while (cursor != null && items.size() < most) {
            JsonNode page = get(cursor.isEmpty() ? part : part + "&cursor=" + cursor);
            page.path("items").forEach(items::add);
            cursor = page.path("next_cursor").asString(null);
        }
        return items.size() <= most ? items : items.subList(0, most);
    }

    /** Gets a whole list. */
    public List<JsonNode> list(String path) {
        return list(path, Integer.MAX_VALUE);
    }

    // ---- names

    /** The application of a name. */
    public JsonNode app(String name) {
        return named("app", name, "/v2/apps?name=" + escaped(name));
    }

    /** The function of a name in an application. */
    public JsonNode fn(String app, String name) {
        return named("function", name, "/v2/fns?app_id=" + id(app(app)) + "&name=" + escaped(name));
    }

    /** The trigger of a name for a function. */
    public JsonNode trigger(String app, String fn, String name) {
        JsonNode function = fn(app, fn);
        return named(
                "trigger",
                name,
                "/v2/triggers?app_id=" + function.path("app_id").asString() + "&fn_id=" + id(function) + "&name="
                        + escaped(name));
    }

    private JsonNode named(String kind, String name, String query) {
        List<JsonNode> found = list(query, 1);
        if (found.isEmpty()) {
            throw new FnFailure(kind + ": " + name + " (expected: one that is there)");
        }
        return found.get(0);
    }

    /** What the API knows an entity by. */
    public static String id(JsonNode entity) {
        return entity.path("id").asString();
    }

    /** A value as it stands in a path or query. */
    public static String escaped(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    // ---- anything

    /**
     * Sends a request.
     *
     * @param path with its query, or none
     * @param fields names and values in turns
     * @return the reply, of any status
     */
    public FnReply send(String method, String path, byte[] body, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (fields.length > 0) {
            request.headers(fields);
        }
        try {
            return FnReply.of(http.send(request.build(), BodyHandlers.ofByteArray()));
        } catch (ConnectException e) {
            throw new FnFailure(url + ": nobody listens (expected: a server of functions)", e);
        } catch (IOException e) {
            throw new FnFailure(url + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FnFailure(url + ": interrupted before the answer", e);
        }
    }
}
