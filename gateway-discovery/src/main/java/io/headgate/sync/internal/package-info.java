/** What the parts of the sync streams share. Start at {@link io.headgate.sync.internal.StateStream}. */
@NullMarked
package io.headgate.sync.internal;

import org.jspecify.annotations.NullMarked;
