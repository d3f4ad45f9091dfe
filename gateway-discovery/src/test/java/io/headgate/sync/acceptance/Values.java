package io.headgate.sync.acceptance;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;

/** Made-up values. */
final class Values {

    private Values() {}

    /** Text of a length that begins with a number. */
    static ByteString of(long number, int length) {
        byte[] bytes = new byte[length];
        String text = number + " of many; ";
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) text.charAt(i % text.length());
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
