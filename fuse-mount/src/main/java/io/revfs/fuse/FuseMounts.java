package io.revfs.fuse;

import io.revfs.fuse.jnr.JnrFuseSession;
import io.revfs.fuse.kernel.KernelSession;
import io.revfs.fuse.kernel.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mounts trees: picks the way of serving. */
public final class FuseMounts {
  private static final Logger log = LoggerFactory.getLogger(FuseMounts.class);

  private FuseMounts() {}

  /**
   * Mounts a tree at an existing, empty directory. When this returns the mount answers.
   *
   * @throws IOException saying what is wrong with the place, or what this machine lacks
   */
  public static FuseSession mount(FileTree tree, Path mountPoint, MountOptions options)
      throws IOException {
    Path absolute = mountPoint.toAbsolutePath().normalize();
    if (MountTable.read().at(absolute).isPresent()) {
      throw new IOException(absolute + " is a mount point already");
    }
    if (!Files.isDirectory(absolute)) {
      throw new IOException(absolute + " is not a directory");
    }
    try (Stream<Path> entries = Files.list(absolute)) {
      if (entries.findAny().isPresent()) {
        throw new IOException(absolute + " is not empty");
      }
    }
    return switch (options.backend()) {
      case KERNEL -> KernelSession.mount(tree, absolute, options);
      case JNR -> JnrFuseSession.mount(tree, absolute, options);
      case AUTO -> {
        try {
          yield KernelSession.mount(tree, absolute, options);
        } catch (UnavailableException e) {
          log.info("{}; mounting by jnr-fuse instead", e.getMessage());
          yield JnrFuseSession.mount(tree, absolute, options);
        }
      }
    };
  }
}
