package io.headgate.http;

import io.netty.util.AsciiString;

/** Recognises {@code application/grpc}, {@code application/grpc+proto} and {@code application/grpc;...}. */
final class GrpcContentType {

    private static final AsciiString PREFIX = AsciiString.cached("application/grpc");

    private GrpcContentType() {}

    static boolean matches(CharSequence contentType) {
        int length = PREFIX.length();
        if (!AsciiString.regionMatches(contentType, true, 0, PREFIX, 0, length)) {
            return false;
        }
        if (contentType.length() == length) {
            return true;
        }
        char next = contentType.charAt(length);
        return next == '+' || next == ';' || next == ' ';
    }
}
