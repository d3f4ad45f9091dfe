/**
 * The tap API of Linkerd, as a server and as a client. {@link io.headgate.tap.linkerd.TapServer} offers any
 * {@link io.headgate.tap.TapSource} to others, the tap tools of Linkerd among them; {@link io.headgate.tap.linkerd.TapClient} is a
 * source elsewhere: a gateway that offers its own, or a proxy of Linkerd.
 */
@NullMarked
package io.headgate.tap.linkerd;

import org.jspecify.annotations.NullMarked;
