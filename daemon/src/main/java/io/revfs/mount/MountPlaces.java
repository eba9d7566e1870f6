package io.revfs.mount;

import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.posix.PosixFailure;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be known and done at a mount point before, and after, something is mounted there. */
final class MountPlaces {
  private static final Logger log = LoggerFactory.getLogger(MountPlaces.class);

  /** From which mean size on a repository's files count as big. */
  private static final long BIG_FILE_BYTES = 16L << 20;

  private MountPlaces() {}

  /** Makes a place fit, or says why it cannot be. */
  static void prepare(String repository, Path at) throws IOException {
    if (MountTable.read().at(at).isPresent()) {
      if (!MountTable.isStale(at)) {
        throw new MountRefusedException(at + " is a mount point already; choose another directory");
      }
      log.warn("{} was left by a daemon that died; it is taken away", at);
      MountTable.detach(at);
    }
    if (!repository.contains("://") && Path.of(repository).startsWith(at)) {
      throw new MountRefusedException(
          at + " holds the repository itself; choose a directory outside it");
    }
    for (Path part : at) {
      if (part.toString().equals(".git") || part.toString().equals(".dvc")) {
        throw new MountRefusedException(at + " is inside " + part + "; choose another directory");
      }
    }
    try {
      Files.createDirectories(at);
    } catch (FileSystemException e) {
      throw new MountRefusedException(
          "cannot make the directory " + at + " (" + PosixFailure.described(e) + ")", e);
    }
  }

  /** The connection is over and the mount is still there: nobody unmounted it. */
  static boolean isAborted(Path at) {
    try {
      return MountTable.read().at(at).filter(MountTable.Mount::isOurs).isPresent()
          && MountTable.isStale(at);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Few big files are best read by the kernel itself, many small ones best kept in its page cache
   * without telling us of opens: docs/benchmarks.md has the figures.
   */
  static MountOptions.Serve serve(MountRequest request, DataRepository repository)
      throws IOException {
    if (request.serve() != MountOptions.Serve.AUTO) {
      return request.serve();
    }
    Snapshot head = repository.snapshot(repository.resolve("HEAD"));
    return head.totalBytes() / Math.max(1, head.totalFiles()) >= BIG_FILE_BYTES
        ? MountOptions.Serve.PASSTHROUGH
        : MountOptions.Serve.PAGE_CACHE;
  }

  /** Returns whether a mount went without force. */
  static boolean unmount(FuseSession session, boolean lazy) throws IOException {
    try {
      session.unmount(false);
      return true;
    } catch (IOException e) {
      if (!lazy) {
        throw e;
      }
      session.unmount(true);
      return false;
    }
  }
}
