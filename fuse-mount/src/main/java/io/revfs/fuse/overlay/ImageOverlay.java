package io.revfs.fuse.overlay;

import io.revfs.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An image of names, mounted as an overlay over directories of data: the kernel lists names from
 * the image, and finds a file's bytes under the path that the image says in the first of the
 * directories that has it. The image itself is mounted nowhere; the overlay holds it. Not to be
 * called on virtual threads: the place may be served by this process.
 */
public final class ImageOverlay {
  /** The type that {@code /proc/mounts} shows. */
  public static final String TYPE = "overlay";

  private ImageOverlay() {}

  /**
   * Mounts, read-only.
   *
   * @param image an EROFS image whose files have overlayfs' metacopy and redirect attributes
   * @param data a directory of data
   * @param rest has what is not in that directory
   * @param mountPoint where; what is open below it stays what it is
   * @param source what {@code /proc/mounts} shows
   * @throws IOException saying what the kernel refuses
   */
  public static void mount(
      Path image, Path data, DetachedMount rest, Path mountPoint, String source)
      throws IOException {
    try {
      rest.use(last -> mountApart(image, data, last, mountPoint, source));
      return;
    } catch (MountCalls.FailedException e) {
      if (!isOfOldKernel(e.errno())) {
        throw e;
      }
      if (rest.attach()) {
        mountOverAttached(image, data, rest, mountPoint, source);
        return;
      }
      try {
        LoopOverlay.mount(image, List.of(data, rest.place()), mountPoint, source);
      } catch (IOException loop) {
        throw new IOException(e.getMessage() + "; by a loop device: " + loop.getMessage(), loop);
      }
    }
  }

  private static void mountOverAttached(
      Path image, Path data, DetachedMount rest, Path mountPoint, String source)
      throws IOException {
    try {
      mount(image, data, rest, mountPoint, source);
    } catch (IOException e) {
      rest.detach(); // that was not the reason
      throw e;
    }
  }

  /**
   * Before Linux 6.12 EROFS wants a block device, before 6.13 overlayfs wants paths, and some after
   * it layers that are in the table of mounts.
   */
  private static boolean isOfOldKernel(int errno) {
    return errno == MountCalls.EINVAL || errno == MountCalls.ENOTBLK;
  }

  private static void mountApart(
      Path image, Path data, MountCalls.Descriptor rest, Path mountPoint, String source)
      throws IOException {
    boolean unused =
        Apart.run(
            () -> {
              mountNowhere(image, data, rest, mountPoint, source);
              return true;
            });
  }

  private static void mountNowhere(
      Path image, Path data, MountCalls.Descriptor rest, Path mountPoint, String source)
      throws IOException {
    try (MountCalls.Context names = MountCalls.Context.open("erofs");
        MountCalls.Descriptor lower = names.set("source", image.toString()).flag("ro").create();
        MountCalls.Descriptor first = MountCalls.directory(data);
        MountCalls.Context overlay = MountCalls.Context.open(TYPE)) {
      overlay.set("source", source).set("lowerdir+", lower);
      overlay.set("datadir+", first).set("datadir+", rest);
      overlay.set("metacopy", "on").set("redirect_dir", "on").set("xino", "on").flag("ro");
      try (MountCalls.Descriptor mount = overlay.create()) {
        MountCalls.place(mount, mountPoint);
      }
    }
  }

  /**
   * Makes the kernel forget what nobody has open: names are read anew, and where a file's bytes are
   * is looked for anew.
   */
  public static void dropUnused(Path mountPoint) throws IOException {
    boolean unused =
        Apart.run(
            () -> {
              try (MountCalls.Context context = MountCalls.Context.pick(mountPoint)) {
                context.flag("ro").reconfigure(); // as it was; unused entries are dropped first
              }
              return true;
            });
  }

  /**
   * Takes an overlay away that nobody has used since the last call. The first call only takes note.
   *
   * @return whether it is gone
   */
  public static boolean expire(Path mountPoint) {
    try {
      return Apart.run(() -> MountCalls.expire(mountPoint) == 0);
    } catch (IOException e) {
      return false; // this process has no descriptors left; it is asked again
    }
  }

  /**
   * Returns what this machine lacks, as far as that can be told without mounting; empty if nothing.
   */
  public static Optional<String> obstacle() throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      return Optional.of("only root may mount");
    }
    for (String type : List.of("erofs", TYPE)) {
      try (MountCalls.Context context = MountCalls.Context.open(type)) {
        if (type.equals(TYPE)) {
          context.set("metacopy", "on");
        }
      } catch (MountCalls.FailedException e) {
        return Optional.of(
            switch (e.errno()) {
              case MountCalls.EPERM -> "this process may not mount (CAP_SYS_ADMIN)";
              case MountCalls.ENOSYS -> "the kernel is too old";
              default -> "the kernel has no " + type;
            });
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the overlay at a place, if the topmost mount there is one of this source, over whatever
   * layer.
   */
  public static Optional<MountTable.Mount> at(MountTable mounts, Path place, String source) {
    return mounts.at(place).filter(mount -> mount.type().equals(TYPE) && mount.isFrom(source));
  }

  static String escape(Path path) {
    // As overlayfs reads lists of directories: a backslash before what would end a name.
    return path.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }
}
