package io.headgate.tls;

/** The versions of TLS that are spoken; older ones never are (RFC 8996). */
public enum TlsVersion {
    /** RFC 5246, with forward secrecy and authenticated encryption only. */
    TLS_1_2,
    /** RFC 8446. */
    TLS_1_3
}
