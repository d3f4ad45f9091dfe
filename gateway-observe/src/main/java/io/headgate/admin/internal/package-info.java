/** The small HTTP application below the admin server: resources, what they answer, and how that gets onto the wire. */
@NullMarked
package io.headgate.admin.internal;

import org.jspecify.annotations.NullMarked;
