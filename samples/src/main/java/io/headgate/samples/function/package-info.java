/** Parts of the samples of functions: a server of them, an npm function, and a client of the API v2. */
@NullMarked
package io.headgate.samples.function;

import org.jspecify.annotations.NullMarked;
