/** Endpoints from a file that others write. Start at {@link io.headgate.discovery.file.FileResolver}. */
@NullMarked
package io.headgate.discovery.file;

import org.jspecify.annotations.NullMarked;
