package io.revfs.dvc.pipeline;

import java.io.IOException;
import java.util.Optional;

/** The files that {@code vars} name. */
@FunctionalInterface
public interface ParameterFiles {
  /** Returns a file's bytes by its path from the project's root; empty if it is not there. */
  Optional<byte[]> read(String path) throws IOException;
}
