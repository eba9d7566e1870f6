package io.revfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.serve.FuseMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every way of serving a mount. */
abstract class FuseMountsContract {
  private final MountOptions options;

  FuseMountsContract(MountOptions.Backend backend, MountOptions.Serve serve) {
    this.options = new MountOptions("revfs-test", false, 3600, backend, serve, null);
  }

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private Path mountPoint;

  @BeforeEach
  void makeMountPoint() throws IOException {
    mountPoint = Files.createDirectory(directory.resolve("mnt"));
  }

  @AfterEach
  void unmountAll() throws IOException {
    for (var mount : MountTable.read().mounts()) {
      if (mount.mountPoint().startsWith(directory)) {
        MountTable.detach(mount.mountPoint());
      }
    }
  }

  private String shell(String script) throws IOException {
    return Shell.run(mountPoint, script).output();
  }

  @TestFactory
  Stream<DynamicTest> posixCases() throws IOException {
    MemoryTree tree = PosixCases.tree();
    FuseSession session = FuseMounts.mount(tree, mountPoint, options);
    return Stream.concat(
        PosixCases.all().stream()
            .map(
                c ->
                    DynamicTest.dynamicTest(
                        c.name(), () -> assertEquals(c.expected(), shell(c.script())))),
        Stream.of(
            DynamicTest.dynamicTest(
                "close_givesAllReferencesBack",
                () -> {
                  session.close();
                  session.ended().toCompletableFuture().get(60, TimeUnit.SECONDS);
                  assertEquals(0, tree.references());
                })));
  }

  @Test
  void readLink_changedTarget_isSeenAtOnce() throws IOException {
    MemoryTree tree = new MemoryTree().file("one/f", "1").file("two/f", "2").link("current", "one");
    try (FuseSession session = FuseMounts.mount(tree, mountPoint, options)) {
      assertEquals("1", shell("cat current/f"));
      tree.link("current", "two");
      assertEquals("2", shell("cat current/f"));
      assertEquals(mountPoint, session.mountPoint());
    }
  }

  @Test
  void unmount_fileOpen_isBusyAndLazyServesOn() throws Exception {
    MemoryTree tree = PosixCases.tree();
    FuseSession session = FuseMounts.mount(tree, mountPoint, options);
    Process reader =
        new ProcessBuilder("bash", "-c", "exec 3<mnt/big.bin; echo open; read x; md5sum <&3")
            .directory(directory.toFile())
            .start();
    var output = reader.inputReader();
    assertEquals("open", output.readLine());
    IOException busy = assertThrows(IOException.class, () -> session.unmount(false));
    assertTrue(busy.getMessage().contains("busy"), busy.getMessage());
    session.unmount(true);
    assertTrue(MountTable.read().at(mountPoint).isEmpty());
    try (var go = reader.outputWriter()) {
      go.write("\n");
    }
    String expected = Shell.run(directory, "true").output();
    assertEquals("", expected);
    assertEquals(32, output.readLine().split(" ")[0].length());
    assertEquals(0, reader.waitFor());
    session.ended().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void ended_unmountedFromOutside_completes() throws Exception {
    FuseSession session = FuseMounts.mount(PosixCases.tree(), mountPoint, options);
    MountTable.unmount(mountPoint);
    session.ended().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void mount_twoSessions_areIndependent() throws IOException {
    Path second = Files.createDirectory(directory.resolve("second"));
    try (FuseSession a = FuseMounts.mount(new MemoryTree().file("f", "a"), mountPoint, options);
        FuseSession b = FuseMounts.mount(new MemoryTree().file("f", "b"), second, options)) {
      assertEquals("a", shell("cat f"));
      a.close();
      assertEquals("b", Shell.run(second, "cat f").output());
      assertEquals(second, b.mountPoint());
    }
  }

  @Test
  void mount_badPlaces_areRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Files.createFile(Files.createDirectory(directory.resolve("full")).resolve("x"));
    for (Map.Entry<Path, String> place :
        List.of(
            Map.entry(file, "not a directory"),
            Map.entry(directory.resolve("absent"), "not a directory"),
            Map.entry(directory.resolve("full"), "not empty"))) {
      IOException refused =
          assertThrows(
              IOException.class, () -> FuseMounts.mount(new MemoryTree(), place.getKey(), options));
      assertTrue(refused.getMessage().contains(place.getValue()), refused.getMessage());
    }
    try (FuseSession session = FuseMounts.mount(new MemoryTree(), mountPoint, options)) {
      IOException refused =
          assertThrows(
              IOException.class,
              () -> FuseMounts.mount(new MemoryTree(), session.mountPoint(), options));
      assertTrue(refused.getMessage().contains("mount point already"), refused.getMessage());
    }
  }

  @Test
  void anyCall_throwing_isAnErrorAndTheSessionLives() throws IOException {
    MemoryTree tree = PosixCases.tree();
    try (FuseSession session = FuseMounts.mount(tree, mountPoint, options)) {
      Map<String, String> uses =
          Map.of(
              "lookup", "stat fresh-%s",
              "open", "cat hello.txt",
              "read", "cat a/b/c/deep.txt",
              "readLink", "readlink -v link",
              "openDirectory", "ls hollow",
              "list", "ls many",
              "statistics", "stat -f .",
              "extendedAttribute", "getfattr -n user.revfs.digest hello.txt");
      List<Supplier<Throwable>> faults =
          List.of(
              () -> new IllegalStateException("broken"),
              () -> new StackOverflowError(),
              () -> new FuseException(Errno.EIO, "no bytes"));
      for (var use : uses.entrySet()) {
        for (Supplier<Throwable> fault : faults) {
          tree.fail(use.getKey(), fault);
          String said = shell(use.getValue().formatted(System.nanoTime()));
          assertTrue(said.contains("Input/output error"), use + ": " + said);
          tree.fail(use.getKey(), null);
        }
      }
      assertEquals("hello", shell("cat hello.txt"));
      assertEquals(mountPoint, session.mountPoint());
    }
  }
}
