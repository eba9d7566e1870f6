package io.revfs.fuse.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Await;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountOptions;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.Shell;
import io.revfs.fuse.conformance.Case;
import io.revfs.fuse.conformance.Conformance;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every way of serving a directory that can be written, mounted over itself. */
abstract class WritableMountsContract {
  private final MountOptions options;
  private final Set<String> notAlike;

  /** The cases that this way of serving lacks. */
  private final Set<String> lacking;

  /**
   * How a directory is served by the kernel session.
   *
   * @param notAlike cases that cannot give what they give in a plain directory; the class says why
   */
  WritableMountsContract(MountOptions.Serve serve, String... notAlike) {
    this(MountOptions.Backend.KERNEL, serve, Set.of(), notAlike);
  }

  WritableMountsContract(
      MountOptions.Backend backend,
      MountOptions.Serve serve,
      Set<String> lacking,
      String... notAlike) {
    this.options = new MountOptions("revfs-test", true, 3600, backend, serve, null);
    this.lacking = lacking;
    this.notAlike = Set.of(notAlike);
  }

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private Path work;
  private Path plain;

  @BeforeEach
  void makeDirectories() throws IOException {
    // Other users are to get here.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    work = Files.createDirectory(directory.resolve("work"));
    plain = Files.createDirectory(directory.resolve("plain"));
  }

  @AfterEach
  void unmountAll() throws IOException {
    for (var mount : MountTable.read().mounts()) {
      if (mount.mountPoint().startsWith(directory)) {
        MountTable.detach(mount.mountPoint());
      }
    }
  }

  /** Mounts a directory over itself. */
  static FuseSession over(Path directory, MountOptions options) throws IOException {
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            directory.toString().getBytes(StandardCharsets.UTF_8),
            NameCalls.O_PATH | Posix.O_DIRECTORY,
            0);
    return FuseMounts.mount(new LocalTree(fd, NodeMemory.NONE, name -> false), directory, options);
  }

  @TestFactory
  Stream<DynamicTest> writingCases() throws IOException {
    FuseSession session = over(work, options);
    List<DynamicTest> tests = new ArrayList<>();
    for (WritingCases.Case one : WritingCases.all()) {
      if (!lacking.contains(one.name())) {
        tests.add(
            DynamicTest.dynamicTest(
                one.name(), () -> assertEquals(run(plain, one), run(work, one))));
      }
    }
    tests.add(DynamicTest.dynamicTest("unmounts", () -> session.unmount(false)));
    tests.add(
        DynamicTest.dynamicTest(
            "below_isTheSame",
            () ->
                assertEquals(
                    Shell.run(plain, "find . -printf '%p %y %s %m\\n' | sort").output(),
                    Shell.run(work, "find . -printf '%p %y %s %m\\n' | sort").output())));
    return tests.stream();
  }

  /** The tables of cases, in one mount and in a plain directory: as expected, and alike. */
  @TestFactory
  Stream<DynamicTest> conformance() throws IOException {
    FuseSession session = over(work, options);
    List<Conformance.Results> results =
        Conformance.run(directory.resolve("cases.txt"), plain, work);
    List<DynamicTest> tests = new ArrayList<>();
    for (Case one : Case.all()) {
      String name = one.area() + "_" + one.name();
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                assertEquals(List.of(), results.get(0).unexpected(one), "in a plain directory");
                assertEquals(
                    !notAlike.contains(name),
                    results.get(0).of(one).equals(results.get(1).of(one)),
                    () -> results.get(0).of(one) + " in the mount: " + results.get(1).of(one));
              }));
    }
    tests.add(DynamicTest.dynamicTest("unmounts", () -> session.unmount(false)));
    return tests.stream();
  }

  private static String run(Path directory, WritingCases.Case one) throws IOException {
    Shell.Result made = Shell.run(directory, "mkdir " + one.name());
    assertEquals(0, made.exit(), made.output());
    Path own = directory.resolve(one.name());
    return Shell.run(own, WritingCases.PRELUDE + "{\n" + one.script() + "\n} 2>&1")
        .output()
        .replace(directory.toString(), "DIR");
  }

  @Test
  void randomOperations_equalThoseInAPlainDirectory() throws IOException {
    long seed = System.nanoTime();
    FuseSession session = over(work, options);
    String paths =
        "-D%s=%s"
            .formatted(RandomOperations.BY_PATHS, options.backend() == MountOptions.Backend.JNR);
    String said = RandomOperations.start(seed, 4000, plain, work, paths);
    assertTrue(said.endsWith("same"), "seed " + seed + ": " + said);
    session.close();
    assertEquals(
        Shell.run(plain, RandomOperations.LIST).output(),
        Shell.run(work, RandomOperations.LIST).output(),
        "seed " + seed);
  }

  @Test
  void randomBytesOfOneFile_equalAnArray() throws IOException {
    long seed = System.nanoTime();
    try (FuseSession session = over(work, options)) {
      String said =
          RandomBytes.start(seed, 4000, work.resolve("f"), directory.resolve("bytes.txt"));
      assertEquals("same", said, "seed " + seed);
      assertEquals(work, session.mountPoint());
    }
  }

  @Test
  void nodes_areForgottenWithTheirFiles() throws Exception {
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            work.toString().getBytes(StandardCharsets.UTF_8),
            NameCalls.O_PATH | Posix.O_DIRECTORY,
            0);
    LocalTree tree = new LocalTree(fd, NodeMemory.NONE, name -> false);
    long before = descriptors();
    try (FuseSession session = FuseMounts.mount(tree, work, options)) {
      Shell.run(work, "for i in {1..500}; do echo $i >f$i; done; cat f* | wc -l");
      int held = options.backend() == MountOptions.Backend.JNR ? 0 : 500; // by paths none is
      assertTrue(tree.heldNodes() >= held, tree.heldNodes() + " nodes");
      // The kernel tells that a file is closed when nobody waits for it.
      Await.until("descriptors are kept", () -> descriptors() - before < 200);
      Shell.run(work, "rm f*");
      assertEquals("0", Shell.run(work, "ls | wc -l").output());
      assertEquals(work, session.mountPoint());
    }
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
