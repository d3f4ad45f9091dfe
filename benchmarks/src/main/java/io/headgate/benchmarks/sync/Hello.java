package io.headgate.benchmarks.sync;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a client says, as bytes of its own making, so that what is measured has no hand in it.
 *
 * @param hello definitions and the hello
 * @param ack that the decoder was restarted
 */
record Hello(byte[] hello, byte[] ack) {

    private static final String NAMES = "github.com/projectcalico/typha/pkg/syncproto.";

    /** Types 64 to 69: Envelope, Time, a slice, MsgClientHello, MsgPong, MsgACK. */
    private static final byte[] DEFINITIONS = HexFormat.of()
            .parseHex("217f03010108456e76656c6f706501ff8000010101074d65737361676501100000"
                    + "0010ff810501010454696d6501ff820000002eff83020101205b5d73796e6370726f"
                    + "746f2e436f6d7072657373696f6e416c676f726974686d01ff8400010c0000ffbaff"
                    + "850301010e4d7367436c69656e7448656c6c6f01ff860001080108486f73746e616d"
                    + "65010c000104496e666f010c00010756657273696f6e010c00010a53796e63657254"
                    + "797065010c000116537570706f7274734465636f6465725265737461727401020001"
                    + "1e537570706f72746564436f6d7072657373696f6e416c676f726974686d7301ff84"
                    + "000118537570706f7274734d6f6465726e506f6c6963794b65797301020001"
                    + "0c436c69656e74436f6e6e4944010600"
                    + "00003bff87030101074d7367506f6e6701ff88000102010d50696e6754696d657374"
                    + "616d7001ff8200010d506f6e6754696d657374616d7001ff8200000012ff89030101"
                    + "064d736741434b01ff8a000000");

    /** Of a client that restarts its decoder, and reads snappy, or neither. */
    static Hello of(boolean compressed) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (String field : new String[] {"fleet", "bench", "1", "felix"}) {
            value.write(1);
            text(value, field);
        }
        if (compressed) {
            // Restart is field 4, the algorithms are field 5, the policy keys field 6.
            value.writeBytes(new byte[] {1, 1, 1, 1});
            text(value, "snappy");
            value.write(1);
        } else {
            value.write(3);
        }
        value.write(1);
        value.write(0);
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        hello.writeBytes(DEFINITIONS);
        frame(hello, "MsgClientHello", 67, value.toByteArray());
        ByteArrayOutputStream ack = new ByteArrayOutputStream();
        frame(ack, "MsgACK", 69, new byte[1]);
        return new Hello(hello.toByteArray(), ack.toByteArray());
    }

    private static void frame(ByteArrayOutputStream out, String name, int type, byte[] value) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {(byte) 0xff, (byte) 0x80, 1});
        text(frame, NAMES + name);
        frame.writeBytes(new byte[] {(byte) 0xff, (byte) (type * 2), (byte) value.length});
        frame.writeBytes(value);
        frame.write(0);
        out.write(frame.size());
        out.writeBytes(frame.toByteArray());
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
