package io.headgate.function;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code stack/record/func.js} does, for systems without Node.js. One call at a time, on one connection after the other. */
final class RecordingFunction {

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");
    private static final Pattern CALL = Pattern.compile("(?i)fn-call-id: *(\\S+)");
    private static final Pattern WAIT = Pattern.compile("\"ms\": *(\\d+)");

    private static final Pattern UNTIL = Pattern.compile("\"until\": *\"([^\"]+)\"");

    private RecordingFunction() {}

    public static void main(String[] args) throws Exception {
        Path listener = Path.of(System.getenv("FN_LISTENER").substring("unix:".length()));
        Path runs = Path.of(System.getenv("RUNS"));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(listener + ".tmp"));
        Files.createSymbolicLink(listener, Path.of(listener.getFileName() + ".tmp"));
        while (true) {
            SocketChannel accepted = server.accept();
            new Thread(() -> serve(accepted, runs)).start();
        }
    }

    private static void serve(SocketChannel channel, Path runs) {
        try (channel) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
            for (String head = head(in); head != null; head = head(in)) {
                byte[] body = in.readNBytes(Integer.parseInt(first(LENGTH, head)));
                String call = first(CALL, head);
                synchronized (RecordingFunction.class) {
                    Files.writeString(runs, call + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    System.out.println("run of " + call);
                    work(new String(body, StandardCharsets.UTF_8));
                    System.out.println("end of " + call);
                }
                String answer = "{\"ran\":\"" + call + "\",\"pid\":"
                        + ProcessHandle.current().pid() + "}";
                channel.write(StandardCharsets.US_ASCII.encode(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + answer.length()
                                + "\r\n\r\n" + answer));
            }
        } catch (IOException | InterruptedException e) {
            // the gateway is gone, and so will this process be
        }
    }

    private static void work(String input) throws InterruptedException {
        Thread.sleep(Long.parseLong(first(WAIT, input)));
        Matcher until = UNTIL.matcher(input);
        if (until.find()) {
            while (!Files.exists(Path.of(until.group(1)))) {
                Thread.sleep(10);
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(64 * 1024);
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.put((byte) next);
            int at = head.position();
            if (next == '\n' && at > 3 && head.get(at - 3) == '\n') {
                return StandardCharsets.ISO_8859_1.decode(head.flip()).toString();
            }
        }
        return null;
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "0";
    }
}
