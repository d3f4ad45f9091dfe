/**
 * What all HTTP services of functions share: {@link io.headgate.function.http.ErrorReplies}, the one place where their failures become
 * replies, and {@link io.headgate.function.http.JsonReplies}.
 */
@NullMarked
package io.headgate.function.http;

import org.jspecify.annotations.NullMarked;
