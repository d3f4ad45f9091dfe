package io.headgate.rpc.bridge;

import io.headgate.http.Body;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Elements in bodies of HTTP, and out of them. */
final class Elements {

    private static final ByteBuf LINE_END = constant("\n");
    private static final ByteBuf EVENT = constant("data: ");
    private static final ByteBuf EVENT_END = constant("\n\n");

    private Elements() {}

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(text.length())
                .writeBytes(text.getBytes(StandardCharsets.US_ASCII))
                .asReadOnly());
    }

    // ---- out of bodies

    /** The elements of a body. Takes ownership. */
    static Body read(Body body, Format format, int maxElement) {
        return switch (format) {
            case NONE, OCTETS, EVENTS -> body;
            case JSON, PROTOBUF -> seen(body, body.aggregate(maxElement).flux());
            case NDJSON -> cut(body, () -> new Cutter.Lines(maxElement));
            case DELIMITED -> cut(body, () -> new Cutter.Delimited(maxElement));
        };
    }

    /** The same, and tells what they fail with. Octets are not looked at. */
    static Body read(Body body, Format format, int maxElement, Consumer<Throwable> failed) {
        Body elements = read(body, format, maxElement);
        return elements == body ? body : seen(body, elements.doOnError(failed));
    }

    private static Body cut(Body body, Supplier<Cutter> cutter) {
        return seen(body, new CutFlux(body, cutter));
    }

    private static Body seen(Body body, Flux<ByteBuf> elements) {
        return new SeenBody(body, elements, Body.UNKNOWN_LENGTH, Mono.defer(body::trailers));
    }

    // ---- into bodies

    /** Makes chunks of elements, one of each. */
    static Flux<ByteBuf> write(Flux<ByteBuf> elements, Format format) {
        Function<ByteBuf, ByteBuf> writer = writer(format);
        return writer == null ? elements : elements.map(writer);
    }

    private static @Nullable Function<ByteBuf, ByteBuf> writer(Format format) {
        return switch (format) {
            case NDJSON -> element -> Unpooled.wrappedBuffer(line(element), LINE_END.duplicate());
            case EVENTS -> element -> Unpooled.wrappedBuffer(EVENT.duplicate(), line(element), EVENT_END.duplicate());
            case DELIMITED -> element -> Unpooled.wrappedBuffer(length(element.readableBytes()), element);
            default -> null;
        };
    }

    /** A line break of a document is white space, because within a string it is escaped: a blank does as well. */
    private static ByteBuf line(ByteBuf document) {
        if (document.forEachByte(b -> b != '\n' && b != '\r') < 0) {
            return document;
        }
        ByteBuf line = Unpooled.buffer(document.readableBytes());
        document.forEachByte(b -> {
            line.writeByte(b == '\n' || b == '\r' ? ' ' : b);
            return true;
        });
        document.release();
        return line;
    }

    private static ByteBuf length(int bytes) {
        ByteBuf prefix = Unpooled.buffer(5);
        int rest = bytes;
        while ((rest & ~0x7f) != 0) {
            prefix.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        return prefix.writeByte(rest);
    }
}
