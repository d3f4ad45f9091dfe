/**
 * TLS of listeners and of upstreams: {@link io.headgate.tls.ServerTls} with its
 * {@link io.headgate.tls.CertificateSet certificates} for the one, {@link io.headgate.tls.ClientTls} for the other.
 */
@NullMarked
package io.headgate.tls;

import org.jspecify.annotations.NullMarked;
