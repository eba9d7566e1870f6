package io.revfs.repository;

import java.io.IOException;
import java.util.Optional;

/** The files of a work tree as they are now, by path from its root with {@code /}. */
@FunctionalInterface
public interface WorkTreeFiles {
  /** Returns a file's bytes; empty if there is none. */
  Optional<byte[]> read(String path) throws IOException;
}
