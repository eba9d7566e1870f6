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
 * @param recorded whether what is opened in it is recorded: then each open has to arrive here, so
 *     opens are answered and no commit is ever sealed
 */
public record MountRequest(
    String repository,
    String directory,
    boolean allowOther,
    MountOptions.Backend backend,
    MountOptions.Serve serve,
    @Nullable SealMode seal,
    boolean recorded) {
  public MountRequest(
      String repository,
      String directory,
      boolean allowOther,
      MountOptions.@Nullable Backend backend,
      MountOptions.@Nullable Serve serve,
      @Nullable SealMode seal,
      boolean recorded) {
    if (recorded && (seal == SealMode.ON || serve == MountOptions.Serve.PAGE_CACHE)) {
      throw new IllegalArgumentException(
          "a mount that is recorded is told of each open: it can be neither sealed nor served from"
              + " the page cache");
    }
    this.repository = repository;
    this.directory = Path.of(directory).toAbsolutePath().normalize().toString();
    this.allowOther = allowOther;
    this.backend = backend == null ? MountOptions.Backend.AUTO : backend;
    this.serve =
        recorded ? MountOptions.Serve.PASSTHROUGH : serve == null ? MountOptions.Serve.AUTO : serve;
    this.seal = seal;
    this.recorded = recorded;
  }

  Path place() {
    return Path.of(directory);
  }
}
