package io.revfs.fuse;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a tree is mounted.
 *
 * @param fileSystemName what {@code /proc/mounts} shows as the source
 * @param allowOther whether users other than the daemon's may look (needs root, or {@code
 *     user_allow_other} in /etc/fuse.conf)
 * @param entrySeconds how long the kernel may keep names and attributes when the backend has one
 *     figure for the whole mount
 * @param backend who speaks with the kernel
 * @param serve how the kernel gets the bytes of complete local files
 * @param openFiles the file in which a session that can outlive this process keeps what is open;
 *     none if it need not
 */
public record MountOptions(
    String fileSystemName,
    boolean allowOther,
    double entrySeconds,
    Backend backend,
    Serve serve,
    @Nullable Path openFiles) {
  /** Who speaks with the kernel. */
  public enum Backend {
    /** The kernel session where it is allowed, else jnr-fuse. */
    AUTO,
    /** The protocol spoken on {@code /dev/fuse}: needs root. */
    KERNEL,
    /** jnr-fuse, by libfuse: works without privileges. */
    JNR
  }

  /** How the kernel gets bytes; jnr-fuse knows only one way and ignores this. */
  public enum Serve {
    /** What the benchmarks found best for most: {@link #PAGE_CACHE}. */
    AUTO,
    /** The kernel reads complete local files by itself (Linux 6.9, root). */
    PASSTHROUGH,
    /** The kernel keeps what it read once, and does not tell of opens. */
    PAGE_CACHE
  }

  /** The defaults for how it is served. */
  public MountOptions(String fileSystemName, boolean allowOther, double entrySeconds) {
    this(fileSystemName, allowOther, entrySeconds, Backend.AUTO, Serve.AUTO, null);
  }
}
