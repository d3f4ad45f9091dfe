package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A second reader of HTTP/1.1 (RFC 9112), as strict as can be: it takes exactly one spelling of everything, so two readers
 * cannot disagree about what it takes.
 */
public final class StrictHttp1 {

    /** A message; not whole when the bytes ended before it did. */
    public record Message(String start, List<String> names, List<String> values, int bodyBytes, boolean whole) {

        List<String> all(String name) {
            List<String> found = new ArrayList<>(1);
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).equalsIgnoreCase(name)) {
                    found.add(values.get(i));
                }
            }
            return found;
        }

        /** The status of a reply. */
        public int status() {
            return Integer.parseInt(start.substring(9, 12));
        }
    }

    private final byte[] bytes;
    private int at;
    private boolean ended; // the bytes ended inside of a message
    private int body;

    public StrictHttp1(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean hasMore() {
        return at < bytes.length;
    }

    int position() {
        return at;
    }

    public Message request() {
        Head head = head();
        if (!ended) {
            String[] parts = head.start.split(" ", -1);
            ensure(parts.length == 3 && parts[2].equals("HTTP/1.1"), "request line", head.start);
            ensure(HeadOracle.isToken(parts[0]) && !parts[1].isEmpty(), "request line", head.start);
            ensure(head.message(true).all("host").size() == 1, "host fields", head.names);
            body(head, false);
        }
        return head.message(!ended, body);
    }

    /** A reply, interim or final. */
    public Message reply(boolean toHead) {
        Head head = head();
        if (!ended) {
            String start = head.start;
            ensure(
                    start.length() > 12 && start.startsWith("HTTP/1.1 ") && start.charAt(12) == ' ',
                    "status line",
                    start);
            int status = head.message(true).status();
            ensure(status >= 100 && status < 600, "status line", start);
            if (toHead || status < 200 || status == 204 || status == 304) {
                ensure(head.message(true).all("transfer-encoding").isEmpty(), "body where none can be", start);
            } else {
                body(head, true);
            }
        }
        return head.message(!ended, body);
    }

    // ---- heads

    private record Head(String start, List<String> names, List<String> values) {

        Message message(boolean whole) {
            return message(whole, 0);
        }

        Message message(boolean whole, int bodyBytes) {
            return new Message(start, names, values, bodyBytes, whole);
        }
    }

    private Head head() {
        body = 0;
        Head head = new Head(line(), new ArrayList<>(), new ArrayList<>());
        fields(head);
        return head;
    }

    private void fields(Head head) {
        for (String line = line(); !ended && !line.isEmpty(); line = line()) {
            int colon = line.indexOf(": ");
            ensure(colon > 0, "field", line);
            String name = line.substring(0, colon);
            String value = line.substring(colon + 2);
            ensure(HeadOracle.isToken(name), "field name", name);
            HeadOracle.checkValue(name, value);
            head.names.add(name.toLowerCase(Locale.ROOT));
            head.values.add(value);
        }
    }

    private String line() {
        int start = at;
        while (at < bytes.length) {
            byte b = bytes[at++];
            if (b == '\r') {
                if (at == bytes.length) {
                    break;
                }
                ensure(bytes[at++] == '\n', "line: CR without LF", text(start, at));
                return text(start, at - 2);
            }
            ensure(b != '\n' && b != 0, "line: control character", text(start, at));
        }
        ended = true;
        return text(start, at);
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    // ---- bodies

    private void body(Head head, boolean untilClose) {
        List<String> codings = head.message(true).all("transfer-encoding");
        List<String> lengths = head.message(true).all("content-length");
        ensure(codings.size() + lengths.size() <= 1, "framing", codings + " " + lengths);
        if (!codings.isEmpty()) {
            ensure(codings.get(0).equals("chunked"), "transfer-encoding", codings.get(0));
            chunks();
        } else if (!lengths.isEmpty()) {
            String length = lengths.get(0);
            ensure(isNumber(length, 10, 18), "content-length", length);
            skip(Long.parseLong(length));
        } else if (untilClose) {
            skip(bytes.length - at);
        }
    }

    /** Without a sign, leading zeros or upper case. */
    private static boolean isNumber(String text, int radix, int mostDigits) {
        boolean valid = !text.isEmpty() && text.length() <= mostDigits && (text.length() == 1 || text.charAt(0) != '0');
        for (int i = 0; valid && i < text.length(); i++) {
            char c = text.charAt(i);
            valid = c >= '0' && c <= '9' || radix == 16 && c >= 'a' && c <= 'f';
        }
        return valid;
    }

    private void skip(long length) {
        int present = (int) Math.min(length, bytes.length - at);
        body += present;
        at += present;
        ended |= present < length;
    }

    private void chunks() {
        while (!ended) {
            String size = line();
            if (ended) {
                return;
            }
            ensure(isNumber(size, 16, 7), "chunk size", size);
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                fields(new Head("", new ArrayList<>(), new ArrayList<>()));
                return;
            }
            skip(length);
            if (!ended) {
                String end = line();
                ensure(ended || end.isEmpty(), "end of chunk", end);
            }
        }
    }
}
