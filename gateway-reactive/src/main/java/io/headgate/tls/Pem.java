package io.headgate.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads keys and certificates in PEM (RFC 7468). */
final class Pem {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    /** Version 0 and the algorithm rsaEncryption: what PKCS #8 says before a PKCS #1 key (RFC 5208 section 5). */
    private static final byte[] RSA_ALGORITHM = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private Pem() {}

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw bad(file, "a file that can be read", e);
        }
    }

    /** The certificates in a file, at least one. */
    static List<X509Certificate> certificates(Path file, byte[] content) {
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw bad(file, "certificates in PEM", null);
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw bad(file, "certificates in PEM", e);
        }
    }

    /** The first private key in a file. */
    static PrivateKey key(Path file, byte[] content) {
        Matcher found = KEY.matcher(new String(content, StandardCharsets.US_ASCII));
        if (!found.find()) {
            throw bad(file, "a private key in PEM", null);
        }
        byte[] decoded = decoded(file, found.group(2));
        return switch (found.group(1)) {
            case "PRIVATE KEY" -> pkcs8(file, decoded);
            case "RSA PRIVATE KEY" -> pkcs8(file, wrapped(decoded));
            default ->
                throw bad(
                        file,
                        "a key that is not encrypted, in PKCS #8; openssl pkcs8 -topk8 -nodes makes one of a "
                                + found.group(1),
                        null);
        };
    }

    private static byte[] decoded(Path file, String text) {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw bad(file, "a private key in PEM", e);
        }
    }

    private static PrivateKey pkcs8(Path file, byte[] encoded) {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                continue; // of another algorithm
            } catch (GeneralSecurityException e) {
                throw bad(file, "a runtime that knows " + algorithm, e);
            }
        }
        throw bad(file, "a private key of one of " + ALGORITHMS, null);
    }

    private static byte[] wrapped(byte[] pkcs1) {
        byte[] key = element(0x04, pkcs1);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(RSA_ALGORITHM);
        content.writeBytes(key);
        return element(0x30, content.toByteArray());
    }

    /** A DER element: tag, length, content. */
    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.length;
        if (length < 0x80) {
            element.write(length);
        } else {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            element.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                element.write(length >> shift);
            }
        }
        element.writeBytes(content);
        return element.toByteArray();
    }

    static IllegalArgumentException bad(Path file, String expected, @Nullable Throwable why) {
        return new IllegalArgumentException(file + " (expected: " + expected + ")", why);
    }
}
