package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import org.jspecify.annotations.Nullable;

/**
 * The metadata by which two ends agree on resumption.
 *
 * <pre>
 *                    download                                upload
 *   request          resume-offset: 0                        resume-upload: ID, resume-endpoint: NAME,
 *                                                              resume-caller: TOKEN, resume-attempt: N
 *                    resume-validator: V (when it goes on)     to headgate.resume/offset, /bytes or /commit
 *                    resume-checksum: crc32c (when wanted)     resume-offset (bytes), resume-length and -checksum (commit)
 *   reply            resume-offset, resume-validator         resume-offset: bytes taken
 *                    resume-length (when known)
 *   trailers         resume-checksum: crc32c=HEX
 * </pre>
 */
final class ResumeFields {

    static final String OFFSET = "resume-offset";
    static final String VALIDATOR = "resume-validator";
    static final String LENGTH = "resume-length";
    static final String CHECKSUM = "resume-checksum";
    static final String UPLOAD = "resume-upload";
    static final String ENDPOINT = "resume-endpoint";
    static final String CALLER = "resume-caller";
    static final String ATTEMPT = "resume-attempt";

    static final String ASK = "headgate.resume/offset";
    static final String SEND = "headgate.resume/bytes";
    static final String COMMIT = "headgate.resume/commit";

    static final int MAX_VALIDATOR = 256;
    private static final int MAX_DIGITS = 18; // fits a long

    private ResumeFields() {}

    /** The number in a field; {@code missing} when there is no such field; fails with INVALID_ARGUMENT when it is no number. */
    static long number(Fields fields, String name, long missing) {
        String text = fields.get(name);
        if (text == null) {
            return missing;
        }
        if (!isNumber(text)) {
            throw RpcException.of(RpcStatus.INVALID_ARGUMENT, name + ": " + text + " (expected: a number)");
        }
        return Long.parseLong(text);
    }

    /** The number in a field that must be there. */
    static long number(Fields fields, String name) {
        long value = number(fields, name, Body.UNKNOWN_LENGTH);
        if (value < 0) {
            throw RpcException.of(RpcStatus.INVALID_ARGUMENT, name + ": missing (expected: a number)");
        }
        return value;
    }

    /** The kind of checksum that a request asks for. */
    static Checksum wanted(Fields fields) {
        String token = fields.get(CHECKSUM);
        Checksum kind = token == null ? Checksum.NONE : Checksum.named(token);
        if (kind == null) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT, CHECKSUM + ": " + token + " (expected: crc32c or sha-256)");
        }
        return kind;
    }

    /** The kind of a sum as it travels, such as {@code crc32c=0a1b2c3d}. */
    static Checksum kindOf(String sum) {
        int end = sum.indexOf('=');
        Checksum kind = end < 0 ? null : Checksum.named(sum.substring(0, end));
        if (kind == null) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT, CHECKSUM + ": " + sum + " (expected: crc32c=... or sha-256=...)");
        }
        return kind;
    }

    /** Metadata without all this. */
    static Fields strip(Fields fields) {
        return fields.without(OFFSET)
                .without(VALIDATOR)
                .without(LENGTH)
                .without(CHECKSUM)
                .without(UPLOAD)
                .without(ENDPOINT)
                .without(CALLER)
                .without(ATTEMPT);
    }

    /** The failure of a sum that is not the expected one. */
    static RpcException wrongSum(String endpoint, @Nullable String found, String expected) {
        return RpcException.of(
                RpcStatus.DATA_LOSS, endpoint + ": " + CHECKSUM + ": " + found + " (expected: " + expected + ")");
    }

    private static boolean isNumber(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
