package io.revfs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.DaemonProject;
import io.revfs.testing.DvcProject;
import io.revfs.testing.server.HttpTestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong in people's projects: each is told in a clear line with what to do, with DVC's
 * exit code, and nothing is lost or half written.
 */
class BadInputToDvcCommandsTest extends DaemonProject {
  private static final String OBJECT_OF_1 =
      ".dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1";

  @Override
  protected void init() throws IOException {
    super.init();
    write("data/a", "1\n");
    write("data/b", "2\n");
  }

  private void add(String... targets) throws IOException {
    dvc.add(targets);
  }

  private void remote(String url) throws IOException {
    dvc.ok("remote add", "name", "r", "url", url, "default", true);
  }

  private void checkNothingHalfWritten(Path where) throws IOException {
    for (String file : DvcProject.objects(where)) {
      assertFalse(file.contains("tmp"), file);
    }
  }

  @Test
  void dirtyFiles_thatACheckoutWouldOverwrite_areNamed_forceOverwrites() throws IOException {
    add("data");
    write("data/a", "not recorded\n");
    write("data/new", "nor this\n");
    sh("rm -r data/b");
    List<String> names = List.of("data/a", "data/new", "--force");
    dvc.fails(255, names, "checkout");
    assertEquals("not recorded\n", read("data/a"));
    assertEquals("nor this\n", read("data/new"));
    assertFalse(Files.exists(path("data/b")));
    dvc.ok("checkout", "force", true);
    assertEquals("1\n", read("data/a"));
    assertFalse(Files.exists(path("data/new")));
  }

  @Test
  void dirtyFiles_thatAPullWouldOverwrite_areNamed_forceOverwrites() throws IOException {
    remote(directory.resolve("r").toString());
    add("data");
    dvc.ok("push");
    write("data/a", "not recorded\n");
    dvc.fails(1, List.of("data/a", "--force"), "pull");
    assertEquals("not recorded\n", read("data/a"));
    dvc.ok("pull", "force", true);
    assertEquals("1\n", read("data/a"));
  }

  @Test
  void aDirectory_whereAFileShouldBe_isDirtyToo() throws IOException {
    write("f", "1\n");
    add("f");
    sh("rm f; mkdir f; echo mine > f/x");
    dvc.fails(255, List.of("f/x"), "checkout");
    assertEquals("mine\n", read("f/x"));
    dvc.ok("checkout", "force", true);
    assertEquals("1\n", read("f"));
    add("data");
    sh("rm -r data; echo mine > data");
    dvc.fails(255, List.of("p/data"), "checkout");
    dvc.ok("checkout", "force", true);
    assertEquals("2\n", read("data/b"));
  }

  @Test
  void outputsInsideOthers_areRefused() throws IOException {
    add("data/a");
    dvc.fails(1, List.of("overlapping", "data/a", "dvc remove"), "add", "targets", List.of("data"));
    assertFalse(Files.exists(path("data.dvc")));
    dvc.fails(1, List.of("overlapping"), "add", "targets", List.of("data/b", "data"));
    assertFalse(Files.exists(path("data/b.dvc")));
  }

  @Test
  void outputsOutsideOfTheProject_areRefused() throws IOException {
    write("../outside", "x");
    for (String outside : List.of("../outside", "/etc/hostname", "s3://bucket/x")) {
      dvc.fails(1, List.of("outside of DVC project"), "add", "targets", List.of(outside));
    }
    assertEquals("", sh("find .. -name '*.dvc' -type f"));
  }

  @Test
  void overlappingOutputs_writtenByHand_areRefused() throws IOException {
    add("data");
    sh("cp data.dvc again.dvc; sed 's,path: data,path: data/a,' data.dvc > part.dvc");
    dvc.fails(255, List.of("data.dvc", "again.dvc"), "checkout", "force", true);
    dvc.fails(1, List.of("data.dvc", "again.dvc"), "add", "targets", List.of("data"));
    sh("rm again.dvc");
    dvc.fails(255, List.of("overlap", "data/a"), "checkout", "force", true);
    assertEquals("1\n", read("data/a"));
  }

  @Test
  void namesThatAreNotUtf8_areRefused_andNamed() throws IOException {
    sh("printf x > $'data/bad\\xff'");
    dvc.fails(255, List.of("not UTF-8", "data"), "add", "targets", List.of("data"));
    assertFalse(Files.exists(path("data.dvc")));
    assertFalse(Files.exists(path(".gitignore")));
  }

  @Test
  void linksInsideOfDirectories_areFollowedToFiles_passedOverToDirectories_refusedToNothing()
      throws IOException {
    write("elsewhere/x", "3\n");
    sh("ln -s ../elsewhere/x data/file; ln -s ../elsewhere data/directory");
    add("data");
    assertTrue(read("data.dvc").contains("nfiles: 3\n"), read("data.dvc"));
    String before = read("data.dvc");
    sh("ln -s nowhere data/broken");
    dvc.fails(255, List.of("data/broken", "leads nowhere"), "add", "targets", List.of("data"));
    assertEquals(before, read("data.dvc"));
  }

  @Test
  void specialFiles_areRefused() throws IOException {
    sh("mkfifo data/pipe");
    dvc.fails(255, List.of("data/pipe", "neither a file nor"), "add", "targets", List.of("data"));
    dvc.fails(255, List.of("data/pipe"), "add", "targets", List.of("data/pipe"));
    sh("rm data/pipe; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"data/s\")'");
    dvc.fails(255, List.of("data/s"), "add", "targets", List.of("data"));
    assertFalse(Files.exists(path("data.dvc")));
  }

  @Test
  void aDiskThatIsFull_endsAdd_andNothingIsHalfWritten() throws IOException {
    Path small = Files.createDirectories(directory.resolve("small"));
    sh("mount -t tmpfs -o size=1m tmpfs ../small");
    try {
      dvc.ok("config", "name", "cache.dir", "value", small.resolve("cache").toString());
      sh("head -c 3000000 /dev/urandom > large");
      write("fits", "1\n");
      dvc.fails(255, List.of("No space left", "make room"), "add", "targets", List.of("large"));
      assertFalse(Files.exists(path("large.dvc")));
      assertEquals(3_000_000, Files.size(path("large")));
      assertEquals(List.of(), DvcProject.objects(small));
      add("fits");
    } finally {
      sh("umount ../small");
    }
    add("large");
    assertEquals("{}", sh("test -f large.dvc && echo {}"));
  }

  @Test
  void aDiskThatIsFull_endsPull_andTheNextOneGoesOn() throws IOException {
    remote(directory.resolve("r").toString());
    sh("head -c 3000000 /dev/urandom > large");
    write("fits", "1\n");
    add("large", "fits");
    dvc.ok("push");
    sh("cp large ../copy; rm -r large fits .dvc/cache");
    Path small = Files.createDirectories(directory.resolve("small"));
    sh("mount -t tmpfs -o size=1m tmpfs ../small");
    try {
      dvc.ok("config", "name", "cache.dir", "value", small.resolve("cache").toString());
      dvc.fails(255, List.of("No space left", "make room"), "pull", "jobs", 1);
      assertFalse(Files.exists(path("large")));
      checkNothingHalfWritten(small);
    } finally {
      sh("umount ../small");
    }
    dvc.ok("pull");
    sh("cmp large ../copy");
  }

  @Test
  void aWorkTreeThatIsFull_endsCheckout_andNoFileIsHalfWritten() throws IOException {
    sh("head -c 3000000 /dev/urandom > data/large");
    add("data");
    sh("rm -r data");
    sh("mkdir data && mount -t tmpfs -o size=1m tmpfs data");
    try {
      dvc.fails(255, List.of("No space left", "make room"), "checkout");
      checkNothingHalfWritten(path("data"));
      assertFalse(Files.exists(path("data/large")));
    } finally {
      sh("umount data");
    }
    dvc.ok("checkout");
    assertEquals(3_000_000, Files.size(path("data/large")));
  }

  @Test
  void aRemoteThatIsFull_endsPush_andHasNoHalfObject() throws IOException {
    Path small = Files.createDirectories(directory.resolve("small"));
    sh("mount -t tmpfs -o size=1m tmpfs ../small");
    try {
      remote(small.resolve("r").toString());
      sh("head -c 3000000 /dev/urandom > data/large");
      add("data");
      dvc.fails(1, List.of("it is full", "make room"), "push");
      checkNothingHalfWritten(small);
      for (String object : DvcProject.objects(small)) {
        assertFalse(object.endsWith(".dir"), "a list was published before what it names");
      }
    } finally {
      sh("umount ../small");
    }
    dvc.ok("push");
  }

  @Test
  void aRemoteThatIsReadOnly_endsPush() throws IOException {
    Path locked = Files.createDirectories(directory.resolve("locked"));
    sh("mount -t tmpfs -o ro tmpfs ../locked");
    try {
      remote(locked.resolve("r").toString());
      add("data");
      dvc.fails(1, List.of("Read-only file system"), "push");
    } finally {
      sh("umount ../locked");
    }
  }

  @Test
  void wrongCredentials_areSaid_andNothingIsWritten() throws IOException {
    Path files = Files.createDirectories(directory.resolve("http"));
    try (HttpTestServer server = HttpTestServer.start(files)) {
      remote(server.url());
      add("data");
      server.fail(HttpTestServer.Fault.UNAUTHORIZED, 1000);
      dvc.fails(1, List.of("401", "credentials"), "push");
      sh("rm -r .dvc/cache data");
      dvc.fails(1, List.of("401", "credentials"), "pull");
      dvc.fails(1, List.of("401", "credentials"), "fetch");
      assertEquals(List.of(), DvcProject.objects(files));
      assertFalse(Files.exists(path("data")));
    }
  }

  @Test
  void conflictMarkers_inADvcFile_areCalledSo() throws IOException {
    add("data");
    String theirs = read("data.dvc").replace("md5: ", "md5: 0");
    write("data.dvc", "<<<<<<< HEAD\n" + read("data.dvc") + "=======\n" + theirs + ">>>>>>> b\n");
    String before = read("data.dvc");
    for (String command : List.of("status", "checkout", "push", "commit", "gc")) {
      dvc.fails(
          command.equals("checkout") || command.equals("gc") ? 255 : 1,
          List.of("data.dvc", "conflict"),
          command,
          "workspace",
          true,
          "force",
          true);
    }
    dvc.fails(1, List.of("data.dvc", "conflict"), "add", "targets", List.of("data"));
    assertEquals(before, read("data.dvc"));
    assertEquals("1\n", read("data/a"));
  }

  @Test
  void aMissingObject_isNamed_andTheRestIsCheckedOut() throws IOException {
    write("f", "3\n");
    add("data", "f");
    sh("rm -rf data f " + OBJECT_OF_1);
    dvc.fails(255, List.of("data", "dvc pull"), "checkout");
    assertEquals("3\n", read("f"));
    dvc.ok("checkout", "allow-missing", true);
  }

  @Test
  void aDamagedObject_thatIsToBeVerified_isNeverBroughtHere() throws IOException {
    add("data");
    dvc.ok("config", "name", "cache.verify", "value", "true");
    sh("rm -r data; chmod +w %s; echo bad > %s; chmod 444 %s".replace("%s", OBJECT_OF_1));
    dvc.fails(255, List.of("data", "dvc pull"), "checkout");
    assertFalse(Files.exists(path("data/a")));
    assertFalse(Files.exists(path(OBJECT_OF_1)));
  }

  @Test
  void aDamagedObject_onTheRemote_isNotFetched() throws IOException {
    Path remote = directory.resolve("r");
    remote(remote.toString());
    add("data");
    dvc.ok("push");
    sh("rm -r data .dvc/cache; f=$(echo ../r/files/md5/b0/*); chmod +w $f; echo bad > $f");
    dvc.fails(1, List.of("failed to download"), "pull");
    assertFalse(Files.exists(path(OBJECT_OF_1)));
    assertFalse(Files.exists(path("data/a")));
  }
}
