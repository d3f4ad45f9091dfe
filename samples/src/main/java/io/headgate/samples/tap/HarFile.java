package io.headgate.samples.tap;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.OfExchange;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Exchanges as HAR 1.2, which browsers open in their network panel. The file is whole after each entry, because each is written
 * together with the end of the document, over the end that was there. One thread at a time.
 *
 * <p>An exchange is written when it has ended. Those that have not when this is closed are written as far as they are known, and so
 * are the oldest ones when too many of them, or too many bytes of them, are open.
 */
public final class HarFile implements Consumer<Seen>, AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String PAGE = "tap";
    private static final byte[] TAIL = "\n]}}\n".getBytes(StandardCharsets.UTF_8);
    private static final int MOST_OPEN = 10_000;
    private static final long MOST_OPEN_BYTES = 64L << 20;

    private final Map<TapId, HarExchange> open = new LinkedHashMap<>();
    private final FileChannel file;
    private final int mostOpen;
    private long openBytes;
    private long tail; // where it begins
    private boolean hasEntries;

    private HarFile(FileChannel file, int mostOpen) {
        this.file = file;
        this.mostOpen = mostOpen;
    }

    /**
     * Begins a file, in the place of what has been there.
     *
     * @param path where
     * @param start when the observation begins
     * @return to be closed
     * @throws IOException when that cannot be written
     */
    public static HarFile create(Path path, Instant start) throws IOException {
        return create(path, start, MOST_OPEN);
    }

    static HarFile create(Path path, Instant start, int mostOpen) throws IOException {
        FileChannel file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        HarFile har = new HarFile(file, mostOpen);
        har.append(head(start));
        return har;
    }

    private static String head(Instant start) {
        ObjectNode log = JSON.createObjectNode().put("version", "1.2");
        String version = HarFile.class.getPackage().getImplementationVersion();
        log.putObject("creator").put("name", "Headgate tap").put("version", version == null ? "unknown" : version);
        ObjectNode page = log.putArray("pages").addObject();
        page.put("startedDateTime", start.toString())
                .put("id", PAGE)
                .put("title", "Headgate tap")
                .putObject("pageTimings")
                .put("onContentLoad", -1)
                .put("onLoad", -1);
        String json = JSON.writeValueAsString(log);
        return "{\"log\":" + json.substring(0, json.length() - 1) + ",\"entries\":[";
    }

    /**
     * Takes an event.
     *
     * @throws UncheckedIOException when writing fails
     */
    @Override
    public void accept(Seen seen) {
        TapEvent event = seen.event();
        if (event instanceof RequestInit request) {
            open.put(request.id(), new HarExchange(seen.at(), request));
        } else if (event instanceof OfExchange known) {
            HarExchange exchange = open.get(known.id());
            if (exchange == null) {
                return; // written already, or its beginning was dropped
            }
            openBytes += exchange.add(known);
            if (known instanceof ResponseEnd) {
                open.remove(known.id());
                write(exchange);
            }
        }
        while (open.size() > mostOpen || openBytes > MOST_OPEN_BYTES) {
            writeOldest();
        }
    }

    private void writeOldest() {
        Iterator<HarExchange> oldest = open.values().iterator();
        HarExchange exchange = oldest.next();
        oldest.remove();
        write(exchange);
    }

    private void write(HarExchange exchange) {
        openBytes -= exchange.size();
        String json = JSON.writeValueAsString(HarEntry.of(exchange, PAGE));
        try {
            append((hasEntries ? ",\n" : "\n") + json);
            hasEntries = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer whole = ByteBuffer.allocate(bytes.length + TAIL.length)
                .put(bytes)
                .put(TAIL)
                .flip();
        long position = tail;
        while (whole.hasRemaining()) {
            position += file.write(whole, position);
        }
        tail += bytes.length;
    }

    /** Writes what is still open, too. */
    @Override
    public void close() throws IOException {
        try (file) {
            while (!open.isEmpty()) {
                writeOldest();
            }
        }
    }
}
