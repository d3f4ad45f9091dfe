package io.headgate.samples.rpc;

/**
 * A file or a folder.
 *
 * @param path from the served folder on, with slashes
 * @param folder whether it is one
 * @param size bytes of a file, zero for a folder
 * @param modified when it was changed last, as ISO 8601
 */
public record FileEntry(String path, boolean folder, long size, String modified) {}
