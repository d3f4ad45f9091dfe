/** What limits by key share. No part of the API. */
@NullMarked
package io.headgate.limit.internal;

import org.jspecify.annotations.NullMarked;
