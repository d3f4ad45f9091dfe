package io.headgate.tls;

/** What does the cryptography. */
public enum TlsProvider {
    /** {@link #OPENSSL} when it is on the class path and works on this system, else {@link #JDK}. */
    AUTO,
    /** The TLS of the Java runtime; works everywhere. */
    JDK,
    /** BoringSSL or OpenSSL by {@code netty-tcnative}; faster, and refused where it is not available. */
    OPENSSL
}
