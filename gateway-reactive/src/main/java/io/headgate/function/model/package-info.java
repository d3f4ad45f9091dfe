/**
 * What functions are made of: {@link io.headgate.function.model.App}, {@link io.headgate.function.model.Fn},
 * {@link io.headgate.function.model.Trigger}, {@link io.headgate.function.model.CallRecord}, and
 * {@link io.headgate.function.model.FunctionException}, the one kind of failure that users see.
 */
@NullMarked
package io.headgate.function.model;

import org.jspecify.annotations.NullMarked;
