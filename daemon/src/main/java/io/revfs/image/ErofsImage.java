package io.revfs.image;

import java.io.IOException;
import java.nio.file.Path;

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
   * @throws IOException if the file cannot be written, or the tree cannot be read
   * @throws IllegalArgumentException if the tree breaks the contract of {@link ImageDirectory} or
   *     {@link ImageEntry}
   */
  public static ImageSummary write(ImageEntry.Directory root, Path file, ImageSettings settings)
      throws IOException {
    throw new UnsupportedOperationException("not written yet");
  }
}
