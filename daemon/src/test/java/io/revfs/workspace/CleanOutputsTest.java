package io.revfs.workspace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known of watched directories is what reading them shows. */
class CleanOutputsTest {
  @TempDir Path directory;
  private Workspaces workspaces;
  private Path data;

  @BeforeEach
  void open() throws IOException {
    workspaces = Workspaces.open(directory.resolve("states"));
    data = Files.createDirectories(directory.resolve("work/data"));
    for (String name : List.of("a", "b", "sub/c", "sub/d", "sub/deep/e")) {
      write(name, "of " + name);
    }
  }

  @AfterEach
  void close() {
    workspaces.close();
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(data.resolve(name).getParent());
    Files.writeString(data.resolve(name), text);
  }

  private Workspace workspace(LinkType link) throws IOException {
    return workspaces.of(
        new Workspaces.CacheSettings(
            directory.resolve("cache"), List.of(link), false, false, 022),
        directory);
  }

  private CleanOutputs clean(Workspace workspace) {
    return new CleanOutputs(
        workspace.cleanTrees(),
        workspace.store(),
        directory.resolve("work"),
        workspace.reader());
  }

  /** Puts the data into the cache, and makes it links if they are no copies. */
  private ObjectKey add(Workspace workspace) throws IOException {
    ObjectKey key =
        workspace.storing(data, true).read(data).orElseThrow().key();
    Checkout checkout = workspace.checkout(workspace.reader(), Progress.NONE);
    checkout.apply(checkout.plan(new Wanted(data, key, "", false), true));
    return key;
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void known_nothingHappened_isClean(LinkType type) throws IOException {
    if (type == LinkType.REFLINK) {
      return; // as copies are
    }
    Workspace workspace = workspace(type);
    ObjectKey key = add(workspace);
    CleanOutputs clean = clean(workspace);
    assertEquals(CleanOutputs.Known.NOTHING, clean.known(data, key, true));
    assertEquals(CleanOutputs.Found.CLEAN, clean.find(data, key, true));
    assertEquals(CleanOutputs.Known.CLEAN, clean.known(data, key, true));
  }
}
