package io.revfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@EnabledIf("io.revfs.fuse.Shell#isRoot")
class MountedPlaceTest {
  @TempDir Path directory;

  private Path mount(String name) throws IOException {
    Path place = Files.createDirectories(directory.toRealPath().resolve(name));
    tmpfs(name, place);
    return place;
  }

  private void tmpfs(String source, Path place) throws IOException {
    Shell.Result result = Shell.run(directory, "mount -t tmpfs " + source + " " + place);
    assertEquals(0, result.exit(), result.output());
  }

  @AfterEach
  void unmountWhatIsLeft() throws IOException {
    MountTable table = MountTable.read();
    for (int i = table.mounts().size() - 1; i >= 0; i--) {
      Path place = table.mounts().get(i).mountPoint();
      if (place.startsWith(directory.toRealPath())) {
        MountTable.detach(place);
      }
    }
  }

  @Test
  void aDirectoryAboveIsRenamed() throws Exception {
    MountedPlace mounted = MountedPlace.at(mount("above/mine"));
    Files.move(directory.resolve("above"), directory.resolve("other"));
    assertTrue(mounted.unmount(false));
    assertTrue(MountTable.read().at(directory.toRealPath().resolve("other/mine")).isEmpty());
  }

  /** The kernel gives the number of what is gone to the next. */
  @Test
  void onceItIsGone_strangersAreLeftAlone() throws Exception {
    Path place = mount("mine");
    MountedPlace mounted = MountedPlace.at(place);
    String device = MountTable.read().at(place).orElseThrow().device();
    assertTrue(mounted.unmount(false));
    boolean same = false;
    for (int i = 0; i < 50; i++) {
      Path stranger = mount("mine" + i);
      same |= MountTable.read().at(stranger).orElseThrow().device().equals(device);
    }
    assertFalse(mounted.unmount(true));
    long left =
        MountTable.read().mounts().stream()
            .filter(one -> one.mountPoint().toString().startsWith(place.toString()))
            .count();
    assertEquals(50, left, "its number came again: " + same);
  }

  @Test
  void takenAwayByOthers_strangersAreLeftAlone() throws Exception {
    Path place = mount("mine");
    MountedPlace mounted = MountedPlace.at(place);
    MountTable.unmount(place);
    Path stranger = Files.createDirectory(directory.resolve("stranger")).toRealPath();
    tmpfs("theirs", stranger);
    assertFalse(mounted.unmount(true));
    assertTrue(MountTable.read().at(stranger).isPresent());
  }

  @Test
  void whatIsMountedOverIt_isNotTakenInstead() throws Exception {
    Path place = mount("mine");
    MountedPlace mounted = MountedPlace.at(place);
    tmpfs("theirs", place);
    IOException e = assertThrows(IOException.class, () -> mounted.unmount(true));
    assertTrue(e.getMessage().contains("theirs is mounted over"), e.getMessage());
    MountTable.unmount(place);
    assertTrue(mounted.unmount(false));
  }
}
