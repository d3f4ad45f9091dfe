package io.headgate.sync.internal.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The golden bytes of gob-vectors.txt. */
final class Vectors {

    private static final Map<String, byte[]> ALL = read();

    private Vectors() {}

    private static Map<String, byte[]> read() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("gob-vectors.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" ");
                    all.put(parts[0], HexFormat.of().parseHex(parts[1]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    static byte[] bytes(String name) {
        return Objects.requireNonNull(ALL.get(name), name);
    }

    /** Some of them behind each other. */
    static ByteBuf of(String... names) {
        ByteBuf all = Unpooled.buffer();
        for (String name : names) {
            all.writeBytes(bytes(name));
        }
        return all;
    }

    static String hex(ByteBuf bytes) {
        return io.netty.buffer.ByteBufUtil.hexDump(bytes);
    }

    static String hex(String name) {
        return HexFormat.of().formatHex(bytes(name));
    }
}
