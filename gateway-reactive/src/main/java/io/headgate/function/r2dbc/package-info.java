/**
 * Functions and asynchronous calls in a database, over R2DBC: H2 in the process, or PostgreSQL that several processes share. Start at
 * {@link io.headgate.function.r2dbc.Database}.
 *
 * <p>The drivers are optional dependencies; the ones for the database in use must be there, see {@link
 * io.headgate.function.r2dbc.Database#open}.
 */
@NullMarked
package io.headgate.function.r2dbc;

import org.jspecify.annotations.NullMarked;
