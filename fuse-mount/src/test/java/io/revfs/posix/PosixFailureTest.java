package io.revfs.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures of files in words. */
class PosixFailureTest {
  @TempDir Path directory;

  @Test
  void javasOwnExceptions_areDescribedWithTheirReason() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertEquals(
        directory + "/none: No such file or directory",
        described(() -> Files.newInputStream(directory.resolve("none")).close()));
    assertEquals(file + ": File exists", described(() -> Files.createFile(file)));
    assertEquals(directory + ": Directory not empty", described(() -> Files.delete(directory)));
    assertEquals("/x: Read-only file system", PosixFailure.described(PosixFailure.of(30, "/x")));
    assertEquals("/x: Permission denied", PosixFailure.described(PosixFailure.of(13, "/x")));
  }

  private static String described(org.junit.jupiter.api.function.Executable action) {
    return PosixFailure.described(assertThrows(FileSystemException.class, action));
  }

  @Test
  void whatIsWrongWithAPlace_isNotWhatIsWrongWithAWayToLink() {
    assertTrue(PosixFailure.isOfPlace(-PosixFailure.ENOSPC));
    assertTrue(PosixFailure.isOfPlace(-13));
    assertFalse(PosixFailure.isOfPlace(-PosixFailure.EXDEV));
    assertFalse(PosixFailure.isOfPlace(0));
  }
}
