package io.revfs.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.object.Digest;
import io.revfs.remote.OpenRemote;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.parts.TemporaryNames;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.DvcProject;
import io.revfs.transfer.garbage.RemoteGarbage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What uploads that broke off left under temporary names. */
class LeftOversTest {
  @TempDir Path directory;

  private void file(String path, Duration age) throws IOException {
    Path file = directory.resolve("remote").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "half");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void collecting_removesTheOldOnes_andNothingElseThatIsNoObject() throws IOException {
    String object = "files/md5/ab/" + "0".repeat(30);
    String old = TemporaryNames.beside(object);
    String young = TemporaryNames.beside(object);
    file(old, Duration.ofHours(25));
    file(young, Duration.ofHours(23));
    List<String> others =
        List.of("files/md5/ab/.hidden", "files/md5/ab/notes.tmp", "files/.a.0.tmp");
    for (String other : others) {
      file(other, Duration.ofDays(400));
    }
    file(object, Duration.ofDays(400));
    try (OpenRemote remote =
        Remotes.open(
            new RemoteSettings(
                "r", directory.resolve("remote").toString(), Map.of(), RemoteLimits.DEFAULT))) {
      assertEquals(
          1, RemoteGarbage.collect(remote.remote(), Digest.Algorithm.MD5, Set.of(), false, 2));
      assertEquals(6, DvcProject.objects(directory.resolve("remote")).size(), "only counted");
      assertEquals(
          1, RemoteGarbage.collect(remote.remote(), Digest.Algorithm.MD5, Set.of(), true, 2));
    }
    Set<String> left = new TreeSet<>(others);
    left.add(young);
    assertEquals(left, new TreeSet<>(DvcProject.objects(directory.resolve("remote"))));
  }
}
