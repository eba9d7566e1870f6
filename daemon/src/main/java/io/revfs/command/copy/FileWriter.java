package io.revfs.command.copy;

import io.revfs.command.Invocation;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.WorkTreeFile;
import io.revfs.url.ExternalData;
import io.revfs.url.ExternalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Writes one file of a snapshot or store as an ordinary file of the caller's. Thread-safe. */
public final class FileWriter {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int PIECE_BYTES = 64 << 20;

  private final FileContents contents;
  private final Set<PosixFilePermission> permissions;
  private final boolean executables;

  /** A writer that lets owners execute what is executable where it comes from. */
  public FileWriter(FileContents contents, Invocation call) {
    this(contents, call, true);
  }

  /** {@code executables}: whether owners may execute what is executable where it comes from. */
  public FileWriter(FileContents contents, Invocation call, boolean executables) {
    this.contents = contents;
    this.permissions = permissions(0666 & ~call.umask());
    this.executables = executables;
  }

  /** Returns how many bytes an entry has; 0 if that is not known. */
  long sizeIfKnown(Entry entry) throws IOException {
    return Math.max(0, contents.sizeIfKnown(entry));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // from 0400 down to 0001
    for (int i = 0; i < all.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }

  /** Writes an entry, whose target's directory is there. */
  public void write(Entry entry, Path target, Copies.Progress progress) throws IOException {
    switch (entry.kind()) {
      case DIRECTORY, SUBMODULE -> Files.createDirectories(target);
      case SYMBOLIC_LINK -> Files.createSymbolicLink(target, linkTarget(entry));
      case FILE -> {
        try (OpenFile file = contents.open(entry)) {
          copy(file, target, progress);
        }
        allow(target, entry.executable());
      }
    }
  }

  private static Path linkTarget(Entry entry) throws IOException {
    Optional<WorkTreeFile> here = WorkTreeFile.of(entry);
    if (here.isPresent()) {
      return Files.readSymbolicLink(here.get().path());
    }
    ObjectKey key = entry.key().orElseThrow();
    ObjectSource source = entry.origins().sources().getFirst();
    ByteBuffer text = ByteBuffer.allocate((int) source.size(key));
    source.read(key, 0, text.capacity(), text::put);
    return Path.of(new String(text.array(), StandardCharsets.UTF_8));
  }

  private static FileChannel create(Path target) throws IOException {
    return FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static void copy(OpenFile file, Path target, Copies.Progress progress)
      throws IOException {
    try (FileChannel out = create(target)) {
      if (file instanceof OpenFile.Backed backed) {
        // In the kernel; as a clone where the file systems can.
        for (long at = 0; at < file.size(); ) {
          long n = backed.channel().transferTo(at, PIECE_BYTES, out);
          if (n <= 0) {
            throw new IOException(target + ": what is copied ends early");
          }
          at += n;
          progress.copied(n);
        }
        return;
      }
      ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(file.size(), 1, BUFFER_BYTES));
      for (long at = 0; at < file.size(); ) {
        buffer.clear();
        int n = read(file, buffer, at);
        if (n <= 0) {
          throw new IOException(target + ": what is copied ends early");
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        at += n;
        progress.copied(n);
      }
    }
  }

  private static int read(OpenFile file, ByteBuffer buffer, long at) throws IOException {
    try {
      return file.read(RequestContext.INTERNAL, buffer, at);
    } catch (FuseException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }

  /** Writes a file of a store, whose target's directory is there. */
  public void write(ExternalData data, ExternalFile file, Path target, Copies.Progress progress)
      throws IOException {
    try (FileChannel out = create(target)) {
      data.read(
          file,
          0,
          file.size(),
          bytes -> {
            int n = bytes.remaining();
            while (bytes.hasRemaining()) {
              out.write(bytes);
            }
            progress.copied(n);
          });
    }
    allow(target, file.executable());
  }

  private void allow(Path target, boolean executable) throws IOException {
    Set<PosixFilePermission> wanted = EnumSet.copyOf(permissions);
    if (executable && executables) {
      wanted.add(PosixFilePermission.OWNER_EXECUTE); // as DVC's checkout
    }
    Files.setPosixFilePermissions(target, wanted);
  }
}
