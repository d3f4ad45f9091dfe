package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncUpdate;
import org.pcollections.TreePMap;

/**
 * A set as it is at a crumb.
 *
 * @param crumb the step after which it is so
 * @param entries by key, in the order of the keys; each typed as new
 */
public record Picture(Crumb crumb, TreePMap<String, SyncUpdate> entries) {}
