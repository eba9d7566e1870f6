package io.revfs.fuse;

/**
 * What was agreed with the kernel when a session began, so that another process can go on serving
 * it. The protocol's own terms (linux/fuse.h).
 *
 * @param minor the protocol's minor version
 * @param flags what is in force
 * @param maxReadahead bytes
 * @param maxPages pages of 4 KiB in one request
 * @param pageCache whether opens are not answered
 */
public record SessionState(
    int minor, long flags, int maxReadahead, int maxPages, boolean pageCache) {}
