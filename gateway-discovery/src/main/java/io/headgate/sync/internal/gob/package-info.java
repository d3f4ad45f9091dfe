/**
 * The binary format of Go's {@code encoding/gob}, as far as the sync protocol needs it; not for users. Knows no message:
 * whoever reads says what it expects as {@link io.headgate.sync.internal.gob.GobShape}s, whoever writes lists its
 * {@link io.headgate.sync.internal.gob.GobDefinitions definitions} and writes values with
 * {@link io.headgate.sync.internal.gob.Gob}.
 */
@NullMarked
package io.headgate.sync.internal.gob;

import org.jspecify.annotations.NullMarked;
