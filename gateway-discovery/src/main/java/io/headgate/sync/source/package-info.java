/**
 * Where synchronised sets come from. {@link io.headgate.sync.source.SyncStore} holds one in memory,
 * {@link io.headgate.sync.source.SyncDirectory} follows a directory of files, {@link io.headgate.sync.source.EtcdSource} follows etcd;
 * {@link io.headgate.sync.source.SyncFilters} stand behind any of them.
 */
@NullMarked
package io.headgate.sync.source;

import org.jspecify.annotations.NullMarked;
