/** Request bodies that can be sent more than once, and replies that nobody wants: shared by retries and hedging. */
@NullMarked
package io.headgate.retry.internal;

import org.jspecify.annotations.NullMarked;
