package io.headgate.mux.internal.h1;

import static org.assertj.core.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.http.HttpVersion;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.fuzz.HeadOracle;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;

/**
 * The validator of heads behind HTTP/1.1, without the decoder: request line and fields are handed over as loosely as they
 * come, one to a line, so the rules must stand alone.
 */
class H1HeadFuzzTest {

    private static final MuxSettings SETTINGS =
            MuxSettings.builder().maxFields(16).build();

    @FuzzTest
    void headComes(byte[] input) {
        HttpRequest decoded;
        try {
            decoded = decode(new String(input, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            return; // refused as it is decoded
        }
        H1Heads.Request request;
        try {
            request = H1Heads.request(decoded, false, SETTINGS);
        } catch (RequestException e) {
            if (e.status() < 400 || e.status() > 599) {
                fail("status: " + e.status() + " (expected: 400..599)");
            }
            return;
        }
        HeadOracle.check(request.head());
        String length = request.head().fields().get("content-length");
        if (request.chunked() && (length != null || request.version() == HttpVersion.HTTP_1_0 && request.length() > 0)
                || !request.chunked() && request.length() != (length == null ? 0 : Long.parseLong(length))) {
            fail("framing: chunked " + request.chunked() + ", length " + request.length() + ", field " + length);
        }
    }

    private static HttpRequest decode(String text) {
        String[] lines = text.split("\n", -1);
        String[] start = lines[0].split("\t", -1);
        HttpHeaders fields = new H1DecodedHeaders.Factory(false).newHeaders();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String value = lines[i].substring(colon + 1).strip(); // as the decoder does
            fields.add(lines[i].substring(0, Math.max(colon, 0)), value);
        }
        return new DefaultHttpRequest(
                start.length > 2 && start[2].equals("0")
                        ? io.netty.handler.codec.http.HttpVersion.HTTP_1_0
                        : io.netty.handler.codec.http.HttpVersion.HTTP_1_1,
                new HttpMethod(start[0]) {},
                start.length > 1 ? start[1] : "",
                fields);
    }
}
