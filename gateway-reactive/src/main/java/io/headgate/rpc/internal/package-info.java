/** What both dialects and the in-process connection share; not for users. */
@NullMarked
package io.headgate.rpc.internal;

import org.jspecify.annotations.NullMarked;
