package io.headgate.gateway;

import io.headgate.tls.CertificateSet;

/**
 * What TLS of a listener has done since it opened, and what it serves now.
 *
 * @param handshakes handshakes that succeeded
 * @param failedHandshakes handshakes that failed or did not end in time; connections that sent nothing in time count too,
 *     those that were closed without a byte do not
 * @param certificates what clients get, with its age
 */
public record TlsStats(long handshakes, long failedHandshakes, CertificateSet certificates) {}
