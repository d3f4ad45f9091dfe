package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcConnection;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/**
 * One end as it was in 2017, on a plain socket and driven by a test: it writes the three fields of a frame header one by one,
 * ends JSON with a newline, leaves the other side's reset unread, and waits for one byte and a second at most before it closes.
 */
final class Original implements AutoCloseable {

    static final byte[] RST = {(byte) 0xff, 1, 0, 0, 0, 0};

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    final RpcConnection ours;

    /** A frame that was read. */
    record Read(int type, boolean last, byte[] payload) {

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    Original(Socket socket, RpcConnection ours) throws IOException {
        this.socket = socket;
        this.ours = ours;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    // ---- what it writes

    Original frame(int type, boolean last, byte[] payload) throws IOException {
        out.write(type);
        out.write(last ? 1 : 0);
        int n = payload.length;
        out.write(new byte[] {(byte) n, (byte) (n >> 8), (byte) (n >> 16), (byte) (n >> 24)});
        out.write(payload);
        return this;
    }

    Original raw(int... bytes) throws IOException {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    Original header(String endpoint, int dataType, int accept, int error, String message) throws IOException {
        return frame(1, true, utf8(json(endpoint, dataType, accept, error, message) + "\n"));
    }

    Original request(String endpoint, int accept, String json) throws IOException {
        return header(endpoint, 3, accept, 0, "").json(json);
    }

    Original json(String json) throws IOException {
        return frame(2, true, utf8(json + "\n"));
    }

    Original reset() throws IOException {
        out.write(RST);
        return this;
    }

    static String json(String endpoint, int dataType, int accept, int error, String message) {
        return "{\"Endpoint\":\"" + endpoint + "\",\"DataType\":" + dataType + ",\"Accept\":" + accept + ",\"Error\":"
                + error + ",\"ErrorMessage\":\"" + message + "\"}";
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- what it reads

    Read read() throws IOException {
        int type = in.readUnsignedByte();
        boolean last = in.readUnsignedByte() != 0;
        byte[] payload = new byte[Integer.reverseBytes(in.readInt())];
        in.readFully(payload);
        return new Read(type, last, payload);
    }

    byte[] bytes(int count) throws IOException {
        byte[] read = new byte[count];
        in.readFully(read);
        return read;
    }

    Original expectHeader(String endpoint, int dataType, int accept, int error, String message) throws IOException {
        Read frame = read();
        assertThat(frame.type()).isEqualTo(1);
        assertThat(frame.last()).isTrue();
        assertThat(frame.text()).isEqualTo(json(endpoint, dataType, accept, error, message) + "\n");
        return this;
    }

    /** An error; gives its text. */
    String expectError(int error) throws IOException {
        Read frame = read();
        assertThat(frame.type()).isEqualTo(1);
        assertThat(frame.text())
                .startsWith(
                        "{\"Endpoint\":\"\",\"DataType\":0,\"Accept\":0,\"Error\":" + error + ",\"ErrorMessage\":\"");
        return frame.text();
    }

    Original expectData(String text) throws IOException {
        Read frame = read();
        assertThat(frame.type()).isEqualTo(2);
        assertThat(frame.text()).isEqualTo(text);
        assertThat(frame.last()).isTrue();
        return this;
    }

    Original expectReset() throws IOException {
        assertThat(bytes(6)).isEqualTo(RST);
        return this;
    }

    /** What is left until the end: the number of bytes, or -1 when the end was a TCP reset. */
    int leftUntilEnd() throws IOException {
        int count = 0;
        try {
            while (true) {
                in.readByte();
                count++;
            }
        } catch (EOFException end) {
            return count;
        } catch (SocketException reset) {
            return -1;
        }
    }

    /** The close of 2018: waits for one byte, which the reset of the other side satisfies, and closes with the rest unread. */
    void waitForOneByteAndClose() throws IOException {
        socket.setSoTimeout(1000);
        in.read();
        socket.close();
    }

    Original leave() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
