/**
 * What stages and services are tested with. Test code depends on it; nothing that runs in production does.
 */
@NullMarked
package io.headgate.test;

import org.jspecify.annotations.NullMarked;
