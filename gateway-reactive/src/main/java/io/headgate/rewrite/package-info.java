/**
 * Stages that change what a request asks for, or send the client elsewhere.
 *
 * <ul>
 *   <li>{@link io.headgate.rewrite.CanonicalPath}: one spelling for each path, before anything matches on it. It stands
 *       above all others.
 *   <li>{@link io.headgate.rewrite.Rewrite}: path and host, with edits of {@link io.headgate.rewrite.PathEdit}.
 *   <li>{@link io.headgate.rewrite.FieldEdits}: header fields of requests and replies.
 *   <li>{@link io.headgate.rewrite.Redirect}: 301, 302, 307, 308.
 * </ul>
 *
 * <p>What edits make of what clients sent is checked before it goes anywhere: no edit can break a head.
 */
@NullMarked
package io.headgate.rewrite;

import org.jspecify.annotations.NullMarked;
