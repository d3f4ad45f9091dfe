package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.tap.TapHeaders;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Cookies in HAR; those that the tap has redacted are not there. */
final class HarCookies {

    private HarCookies() {}

    /** Those of a request. */
    static ArrayNode sent(ArrayNode cookies, Fields headers) {
        for (String field : headers.all("cookie")) {
            if (!field.equals(TapHeaders.REDACTED)) {
                for (String pair : field.split(";")) {
                    add(cookies, pair);
                }
            }
        }
        return cookies;
    }

    /** Those of a reply, without their expiry, which a browser would have to understand first. */
    static ArrayNode received(ArrayNode cookies, Fields headers) {
        for (String field : headers.all("set-cookie")) {
            if (!field.equals(TapHeaders.REDACTED)) {
                String[] parts = field.split(";");
                ObjectNode cookie = add(cookies, parts[0]);
                for (int i = 1; i < parts.length; i++) {
                    attribute(cookie, parts[i].trim());
                }
            }
        }
        return cookies;
    }

    private static ObjectNode add(ArrayNode cookies, String pair) {
        int equals = pair.indexOf('=');
        return cookies.addObject()
                .put("name", pair.substring(0, Math.max(0, equals)).trim())
                .put("value", pair.substring(equals + 1).trim());
    }

    private static void attribute(ObjectNode cookie, String attribute) {
        int equals = attribute.indexOf('=');
        String value = attribute.substring(equals + 1);
        switch (equals < 0
                ? attribute.toLowerCase(Locale.ROOT)
                : attribute.substring(0, equals).toLowerCase(Locale.ROOT)) {
            case "path" -> cookie.put("path", value);
            case "domain" -> cookie.put("domain", value);
            case "httponly" -> cookie.put("httpOnly", true);
            case "secure" -> cookie.put("secure", true);
            default -> {
                return;
            }
        }
    }
}
