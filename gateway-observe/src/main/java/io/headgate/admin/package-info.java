/**
 * An admin server: what a gateway in this process is made of and how it does, over HTTP, on loopback unless asked otherwise.
 *
 * <p>Start at {@link io.headgate.admin.AdminServer}. {@link io.headgate.admin.Admin} says what it shows,
 * {@link io.headgate.admin.AdminSpec} where and to whom.
 */
@NullMarked
package io.headgate.admin;

import org.jspecify.annotations.NullMarked;
