package io.revfs.mount;

import io.revfs.config.SealMode;
import io.revfs.fuse.MountOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A mount that is wanted, as it is asked for and remembered.
 *
 * @param repository a path or a URL
 * @param directory the mount point, absolute
 * @param allowOther whether users other than the daemon's may look
 * @param backend who speaks with the kernel; automatic where absent, as in older files
 * @param serve how the kernel gets bytes; automatic where absent
 * @param seal whether its commits are sealed; as configured where absent
 */
public record MountRequest(
    String repository,
    String directory,
    boolean allowOther,
    MountOptions.Backend backend,
    MountOptions.Serve serve,
    @Nullable SealMode seal) {
  public MountRequest(
      String repository,
      String directory,
      boolean allowOther,
      MountOptions.@Nullable Backend backend,
      MountOptions.@Nullable Serve serve,
      @Nullable SealMode seal) {
    this.repository = repository;
    this.directory = Path.of(directory).toAbsolutePath().normalize().toString();
    this.allowOther = allowOther;
    this.backend = backend == null ? MountOptions.Backend.AUTO : backend;
    this.serve = serve == null ? MountOptions.Serve.AUTO : serve;
    this.seal = seal;
  }

  Path place() {
    return Path.of(directory);
  }
}
