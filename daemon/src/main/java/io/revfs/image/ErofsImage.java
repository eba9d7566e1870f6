package io.revfs.image;

import io.revfs.image.entry.ImageDirectory;
import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Objects;

/** Writes images. Stateless. */
public final class ErofsImage {
  private ErofsImage() {}

  /**
   * Writes a tree as an image. The same tree and settings give the same bytes. Memory is bounded by
   * the depth of the tree, not by the number of its files.
   *
   * @param root the root; its name is not used
   * @param file where to; it must not exist. It is on disk (fsync) when this returns and removed if
   *     this fails. To publish it is the caller's business: write to a temporary name, then rename.
   *     A directory whose names take more than a few KiB needs a temporary file beside it
   *     meanwhile, of the size of its names.
   * @throws IOException if the file cannot be written, or the tree cannot be read
   * @throws IllegalArgumentException if the tree breaks the contract of {@link ImageDirectory} or
   *     {@link ImageEntry}
   */
  public static ImageSummary write(ImageEntry.Directory root, Path file, ImageSettings settings)
      throws IOException {
    ImageFile image = new ImageFile(file, SuperBlock.reserved(settings.frequentAttributes()));
    boolean written = false;
    try (image;
        SpilledBlocks spilled =
            new SpilledBlocks(Objects.requireNonNull(file.toAbsolutePath().getParent()))) {
      EntryWriter writer = new EntryWriter(image, settings);
      long rootNode = writeTree(root, writer, spilled);
      ImageSummary counted = writer.summary("");
      SuperBlock.Facts facts =
          new SuperBlock.Facts(rootNode, writer.inodes(), counted.objectFiles() > 0);
      SuperBlock.write(image, facts, settings);
      image.finish();
      ImageSummary summary = writer.summary(sha256(file));
      written = true;
      return summary;
    } finally {
      if (!written) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Writes what is in a directory before its next entry; returns the root's node. */
  private static long writeTree(
      ImageEntry.Directory root, EntryWriter writer, SpilledBlocks spilled) throws IOException {
    Deque<OpenDirectory> open = new ArrayDeque<>();
    OpenDirectory top = writer.open(root, 0, spilled);
    long rootNode = top.node();
    open.push(top);
    while (!open.isEmpty()) {
      OpenDirectory directory = open.element();
      switch (directory.next()) {
        case null -> writer.close(open.pop());
        case ImageEntry.Directory entry -> {
          OpenDirectory below = writer.open(entry, directory.node(), spilled);
          directory.add(entry.name(), below.node(), Format.TYPE_DIRECTORY);
          open.push(below);
        }
        case ImageEntry.ObjectFile entry ->
            directory.add(entry.name(), writer.write(entry), Format.TYPE_FILE);
        case ImageEntry.InlineFile entry ->
            directory.add(entry.name(), writer.write(entry), Format.TYPE_FILE);
        case ImageEntry.SymbolicLink entry ->
            directory.add(entry.name(), writer.write(entry), Format.TYPE_LINK);
      }
    }
    return rootNode;
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digesting = new DigestInputStream(in, digest)) {
      digesting.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
