package io.headgate.samples.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HarFileTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    @Test
    void anExchangeIsAnEntry() throws IOException {
        JsonNode entry = onlyEntry(
                Events.request(0, "POST", "/a?b=c%20d&e&f=1+2&%", "content-type", "text/plain", "cookie", "a=1; b=2"),
                Events.data(0, true, 0, "hello", false),
                Events.response(
                        0, 2, 302, "content-type", "text/html", "location", "/x", "set-cookie", "s=1; Path=/; Secure"),
                Events.data(0, false, 0, "<p>", false),
                Events.data(0, false, 3, "Grüße", false),
                Events.end(0, 5, 10, new End.Complete(), "checksum", "1"));

        assertThat(entry.get("startedDateTime").stringValue()).isEqualTo("2026-01-02T03:04:05.678901Z");
        assertThat(entry.get("time").doubleValue()).isEqualTo(5);
        assertThat(entry.at("/timings/wait").doubleValue()).isEqualTo(2);
        assertThat(entry.at("/timings/receive").doubleValue()).isEqualTo(3);
        assertThat(entry.get("serverIPAddress").stringValue()).isEqualTo("127.0.0.2");
        JsonNode request = entry.get("request");
        assertThat(request.get("url").stringValue()).isEqualTo("http://books.example/a?b=c%20d&e&f=1+2&%");
        assertThat(request.get("queryString").toString())
                .isEqualTo("[{\"name\":\"b\",\"value\":\"c d\"},{\"name\":\"e\",\"value\":\"\"},"
                        + "{\"name\":\"f\",\"value\":\"1 2\"},{\"name\":\"%\",\"value\":\"\"}]");
        assertThat(request.get("cookies").toString())
                .isEqualTo("[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"b\",\"value\":\"2\"}]");
        assertThat(request.get("bodySize").intValue()).isEqualTo(5);
        assertThat(request.at("/postData/text").stringValue()).isEqualTo("hello");
        JsonNode response = entry.get("response");
        assertThat(response.get("status").intValue()).isEqualTo(302);
        assertThat(response.get("redirectURL").stringValue()).isEqualTo("/x");
        assertThat(response.get("cookies").toString())
                .isEqualTo("[{\"name\":\"s\",\"value\":\"1\",\"path\":\"/\",\"secure\":true}]");
        assertThat(response.at("/content/text").stringValue()).isEqualTo("<p>Grüße");
        assertThat(response.at("/content/size").intValue()).isEqualTo(10);
        assertThat(response.get("_trailers").toString()).contains("checksum");
    }

    @Test
    void whatWasCutIsSaidAndWhatIsNoTextIsBase64() throws IOException {
        JsonNode entry = onlyEntry(
                Events.request(0, "PUT", "/"),
                new BodyData(Events.id(0), Events.PEERS, true, 0, new byte[] {0, 1}, true),
                Events.response(0, 2, 200),
                new BodyData(Events.id(0), Events.PEERS, false, 0, new byte[] {-1}, true),
                Events.end(0, 5, 1000, new End.Complete()));

        assertThat(entry.at("/request/postData/text").stringValue()).isEqualTo("AAE=");
        assertThat(entry.at("/request/postData/_encoding").stringValue()).isEqualTo("base64");
        assertThat(entry.at("/request/postData/comment").stringValue()).isEqualTo("only the first 2 bytes");
        assertThat(entry.at("/response/content/text").stringValue()).isEqualTo("/w==");
        assertThat(entry.at("/response/content/encoding").stringValue()).isEqualTo("base64");
        assertThat(entry.at("/response/content/size").intValue()).isEqualTo(1000);
        assertThat(entry.at("/response/content/comment").stringValue()).isEqualTo("only the first 1 bytes");
    }

    @Test
    void nothingIsShownBeyondAGap() throws IOException {
        JsonNode content = onlyEntry(
                        Events.request(0, "GET", "/"),
                        Events.response(0, 2, 200),
                        Events.data(0, false, 0, "one", false),
                        Events.data(0, false, 6, "three", false),
                        Events.end(0, 5, 11, new End.Complete()))
                .at("/response/content");

        assertThat(content.get("text").stringValue()).isEqualTo("one");
        assertThat(content.get("comment").stringValue()).isEqualTo("only the first 3 bytes");
    }

    @Test
    void aWholePackedBodyIsUnpacked() throws IOException {
        byte[] packed = gzip("a".repeat(1000));
        JsonNode content = onlyEntry(
                        Events.request(0, "GET", "/"),
                        Events.response(0, 2, 200, "content-encoding", "gzip"),
                        new BodyData(Events.id(0), Events.PEERS, false, 0, packed, false),
                        Events.end(0, 5, packed.length, new End.Complete()))
                .at("/response/content");

        assertThat(content.get("text").stringValue()).isEqualTo("a".repeat(1000));
        assertThat(content.get("compression").intValue()).isEqualTo(1000 - packed.length);
    }

    @Test
    void whatWouldUnpackToTooMuchIsShownAsItCame() throws IOException {
        byte[] bomb = gzip("a".repeat(9 << 20));
        JsonNode content = onlyEntry(
                        Events.request(0, "GET", "/"),
                        Events.response(0, 2, 200, "content-encoding", "gzip"),
                        new BodyData(Events.id(0), Events.PEERS, false, 0, bomb, false),
                        Events.end(0, 5, bomb.length, new End.Complete()))
                .at("/response/content");

        assertThat(content.get("size").intValue()).isEqualTo(bomb.length);
        assertThat(content.get("encoding").stringValue()).isEqualTo("base64");
    }

    @Test
    void aFailureWithoutAReplyHasStatus0AndItsError() throws IOException {
        JsonNode entry = onlyEntry(Events.request(0, "GET", "/"), Events.failed(0, 7, "timeout"));

        assertThat(entry.at("/response/status").intValue()).isZero();
        assertThat(entry.at("/response/_error").stringValue()).isEqualTo("timeout");
        assertThat(entry.get("time").doubleValue()).isEqualTo(7);
    }

    @Test
    void redactedCookiesAreNoCookies() throws IOException {
        JsonNode request = onlyEntry(
                        Events.request(0, "GET", "/", "cookie", TapHeaders.REDACTED), Events.failed(0, 7, "x"))
                .get("request");

        assertThat(request.get("cookies").isEmpty()).isTrue();
        assertThat(request.at("/headers/0/value").stringValue()).isEqualTo(TapHeaders.REDACTED);
    }

    @Test
    void theFileIsWholeAtAnyTime() throws IOException {
        Path file = folder.resolve("har");
        try (HarFile har = HarFile.create(file, Events.START)) {
            assertThat(entries(file)).isEmpty();
            for (int i = 0; i < 3; i++) {
                Events.exchange(i, "/" + i, 200).forEach(event -> har.accept(Events.seen(event)));
                assertThat(entries(file)).hasSize(i + 1);
            }
            har.accept(Events.seen(Events.request(3, "GET", "/open")));
            assertThat(entries(file)).hasSize(3);
        }
        List<JsonNode> entries = entries(file);
        assertThat(entries).hasSize(4);
        assertThat(entries.get(3).get("comment").stringValue()).isEqualTo("the end was not seen");
    }

    @Test
    void theOldestIsWrittenWhenTooManyAreOpen() throws IOException {
        Path file = folder.resolve("har");
        try (HarFile har = HarFile.create(file, Events.START, 2)) {
            for (int i = 0; i < 5; i++) {
                har.accept(Events.seen(Events.request(i, "GET", "/" + i)));
            }
            assertThat(entries(file)).hasSize(3);
            har.accept(Events.seen(Events.response(0, 2, 200)));
            har.accept(Events.seen(Events.end(0, 5, 1000, new End.Complete())));
            assertThat(entries(file)).hasSize(3);
        }
        assertThat(entries(file)).hasSize(5);
    }

    private JsonNode onlyEntry(TapEvent... events) throws IOException {
        Path file = folder.resolve("har");
        try (HarFile har = HarFile.create(file, Events.START)) {
            Arrays.stream(events).forEach(event -> har.accept(Events.seen(event)));
        }
        List<JsonNode> entries = entries(file);
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }

    private static List<JsonNode> entries(Path file) throws IOException {
        JsonNode document = JSON.readTree(Files.readString(file));
        HarRules.check(document);
        return List.copyOf(document.get("log").get("entries").values());
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }
}
