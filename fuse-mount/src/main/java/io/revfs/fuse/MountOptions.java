package io.revfs.fuse;

/**
 * How a tree is mounted.
 *
 * @param fileSystemName what {@code /proc/mounts} shows as the source
 * @param allowOther whether users other than the daemon's may look (needs root, or {@code
 *     user_allow_other} in /etc/fuse.conf)
 * @param entrySeconds how long the kernel may keep names and attributes when the backend has one
 *     figure for the whole mount
 */
public record MountOptions(String fileSystemName, boolean allowOther, double entrySeconds) {}
