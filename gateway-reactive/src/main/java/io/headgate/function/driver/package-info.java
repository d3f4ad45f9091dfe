/**
 * What runs functions: a {@link io.headgate.function.driver.Driver} starts {@link io.headgate.function.driver.Instance}s of what an image
 * names, and knows nothing of queues and tokens.
 */
@NullMarked
package io.headgate.function.driver;

import org.jspecify.annotations.NullMarked;
