package io.revfs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DvcProject;
import io.revfs.testing.LoopMount;
import io.revfs.testing.RecordedCall;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Links between work tree and cache, as {@code cache.type} orders them, on the machine's own file
 * system and on two that have reflinks; and DVC's rules of what may be written to.
 */
class LinkTypesTest {
  private static final String OBJECT = ".dvc/cache/files/md5/b6/d81b360a5672d80c27430f39153e2c";

  @TempDir Path directory;

  /** A place on a file system; the machine's own is ext4 in CI, and nothing here needs that. */
  private Closeable place(String kind) throws IOException {
    return kind.equals("own") ? () -> {} : LoopMount.make(kind, directory);
  }

  private DvcProject project(String kind, String types) throws IOException {
    Path where = kind.equals("own") ? directory : directory.resolve(kind);
    DvcProject project = DvcProject.make(where);
    project.ok("config", "name", "cache.type", "value", types);
    project.sh("mkdir data && head -c 1048576 /dev/zero > data/zeros && echo x > data/small");
    project.add("data");
    return project;
  }

  private static boolean isShared(DvcProject project) throws IOException {
    return project.sh("filefrag -v data/zeros").contains("shared");
  }

  private static String links(DvcProject project) throws IOException {
    return project.sh("stat -c '%h %a %F' data/zeros");
  }

  /** Whatever the type is, the object is protected, and checked out again it is the same. */
  private static void checkAfter(DvcProject project, Consumer<DvcProject> check)
      throws IOException {
    check.accept(project);
    assertEquals("444", project.sh("stat -c %a " + OBJECT));
    project.sh("rm -r data");
    project.ok("checkout");
    check.accept(project);
    assertEquals("{}", project.run("status").json().toString());
    project.ok("unprotect", "targets", List.of("data"));
    assertEquals("1 644 regular file", links(project));
    project.sh("echo more >> data/zeros");
    assertEquals("1048576", project.sh("stat -c %s " + OBJECT));
    project.ok("checkout", "force", true, "relink", true);
    check.accept(project);
  }

  private static void checked(DvcProject project, boolean shared, String links) {
    try {
      assertEquals(links, links(project));
      assertTrue(!shared || isShared(project)); // XFS may call what was shared once so for a while
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"xfs", "btrfs"})
  void reflink_isTheFirstChoice_andSharesTheBytes(String kind) throws IOException {
    try (Closeable mounted = place(kind);
        DvcProject project = project(kind, "reflink,hardlink,copy")) {
      checkAfter(project, p -> checked(p, true, "1 644 regular file"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "xfs", "btrfs"})
  void hardlink_isReadOnly(String kind) throws IOException {
    try (Closeable mounted = place(kind);
        DvcProject project = project(kind, "hardlink,copy")) {
      checkAfter(project, p -> checked(p, false, "2 444 regular file"));
      assertEquals(
          project.sh("stat -c %i data/zeros"), project.sh("stat -c %i " + OBJECT), "one inode");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "xfs"})
  void symlink_leadsToTheObject(String kind) throws IOException {
    try (Closeable mounted = place(kind);
        DvcProject project = project(kind, "symlink")) {
      checkAfter(project, p -> checked(p, false, "1 777 symbolic link"));
      assertEquals(
          project.path(OBJECT), Files.readSymbolicLink(project.path("data/zeros")), "absolute");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"own", "xfs", "btrfs"})
  void copy_isIndependent(String kind) throws IOException {
    try (Closeable mounted = place(kind);
        DvcProject project = project(kind, "copy")) {
      checkAfter(project, p -> assertEquals("1 644 regular file", unchecked(p)));
    }
  }

  private static String unchecked(DvcProject project) {
    try {
      return links(project);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatTwoFileSystemsCannotDo_isPassedOver_orRefused() throws IOException {
    try (LoopMount other = LoopMount.make("xfs", directory);
        DvcProject project = project("own", "copy")) {
      String cache = other.point().resolve("cache").toString();
      project.ok("config", "name", "cache.dir", "value", cache);
      project.ok("config", "name", "cache.type", "value", "reflink,hardlink,symlink,copy");
      project.add("data");
      project.ok("checkout", "relink", true);
      assertEquals("1 777 symbolic link", links(project));
      project.ok("config", "name", "cache.type", "value", "reflink,hardlink");
      RecordedCall refused = project.run("checkout", "relink", true);
      assertTrue(
          refused.failure().contains("no link type of cache.type (reflink, hardlink) works"),
          refused.failure());
      assertEquals("1 777 symbolic link", links(project));
    }
  }

  /** The types are not to blame, and others would not help. */
  @Test
  void whereNothingCanBeMade_thatIsSaid() throws IOException {
    try (LoopMount disk = LoopMount.make("xfs", directory);
        DvcProject project = DvcProject.make(disk.point())) {
      project.write("d/a", "1");
      project.add("d/a");
      project.sh("rm d/a; chattr +i d");
      RecordedCall call = project.run("checkout");
      project.sh("chattr -i d");
      assertEquals(disk.point() + "/p/d: Operation not permitted", call.failure());
    }
  }

  @Test
  void anExecutableFile_isNeverALink_sinceItsModeIsItsOwn() throws IOException {
    try (DvcProject project = project("own", "hardlink")) {
      project.sh("echo run > tool; chmod +x tool");
      project.add("tool");
      project.sh("rm tool");
      project.ok("checkout");
      assertEquals("1 744", project.sh("stat -c '%h %a' tool"));
    }
  }
}
