/** Endpoints from the domain name system. Start at {@link io.headgate.discovery.dns.DnsResolver}. */
@NullMarked
package io.headgate.discovery.dns;

import org.jspecify.annotations.NullMarked;
