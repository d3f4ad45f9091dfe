/** What the samples of sync streams show and serve: sets that are received, lines for changes, sources by option. */
@NullMarked
package io.headgate.samples.sync;

import org.jspecify.annotations.NullMarked;
