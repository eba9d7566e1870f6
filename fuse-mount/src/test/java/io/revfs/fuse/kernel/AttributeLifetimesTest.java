package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.Await;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.WritableTree;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real directory, without a kernel's session: what is mapped is mapped by this process. */
class AttributeLifetimesTest {
  private static final RequestContext US = RequestContext.INTERNAL;
  private static final RequestContext QUICK = new RequestContext(0, 0, 1, false);
  private static final int READ_WRITE = WritableTree.READ_WRITE;
  private static final double DAY = 86_400;

  @TempDir Path directory;

  private final List<Long> forgotten = new ArrayList<>();
  private Path file;
  private LocalTree tree;
  private long node;

  @BeforeEach
  void open() throws Exception {
    file = Files.write(directory.resolve("f"), new byte[10_000]);
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            directory.toString().getBytes(StandardCharsets.UTF_8),
            NameCalls.O_PATH | Posix.O_DIRECTORY,
            0);
    tree = new LocalTree(fd, NodeMemory.NONE, name -> false);
    node = tree.lookup(US, FileTree.ROOT, "f").node();
  }

  @AfterEach
  void close() {
    tree.close();
  }

  private AttributeLifetimes lifetimes(OpenNodes open) {
    return new AttributeLifetimes(tree, open, true, forgotten::add);
  }

  /** As an answer to GETATTR. */
  private double seconds(AttributeLifetimes lifetimes) throws FuseException {
    long since = lifetimes.now();
    Attributes found = tree.attributes(US, node);
    return lifetimes.seconds(found, since);
  }

  /** A process that another thread starts may have what is open here for a moment. */
  private void untilNothingIsMapped(AttributeLifetimes lifetimes) throws Exception {
    Await.until("nothing may be kept", () -> seconds(lifetimes) == DAY);
  }

  private MemorySegment map(Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, 10_000, arena);
    }
  }

  @Test
  void closedFile_keepsNothing_whileItIsMapped() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    assertEquals(DAY, seconds(lifetimes));
    try (Arena arena = Arena.ofConfined()) {
      lifetimes.opening(US, node, READ_WRITE);
      MemorySegment mapping = map(arena);
      assertEquals(0, seconds(lifetimes));
      lifetimes.closed(node, true);
      assertEquals(0, seconds(lifetimes));
      mapping.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      assertEquals(0, seconds(lifetimes));
    }
    assertEquals(0, seconds(lifetimes), "they were asked for before it was seen to be unmapped");
    untilNothingIsMapped(lifetimes);
  }

  @Test
  void emptyFile_isKept_untilItGrows() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    Files.write(file, new byte[0]);
    lifetimes.created(node);
    assertEquals(DAY, seconds(lifetimes));
    Files.write(file, new byte[1]);
    assertEquals(0, seconds(lifetimes));
  }

  @Test
  void servedFile_mayBeKept_onceItIsClosed() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    lifetimes.opening(US, node, READ_WRITE);
    lifetimes.opening(US, node, READ_WRITE);
    lifetimes.closed(node, false);
    assertEquals(0, seconds(lifetimes));
    lifetimes.closed(node, false);
    assertEquals(DAY, seconds(lifetimes));
  }

  @Test
  void whatWasAskedForBeforeAFileWasClosed_isNotKept() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    lifetimes.opening(US, node, READ_WRITE);
    long since = lifetimes.now();
    Attributes found = tree.attributes(US, node);
    lifetimes.closed(node, false); // and it was written before, through a mapping
    assertEquals(0, lifetimes.seconds(found, since));
  }

  @Test
  void kernel_isToldOnce_andBeforeTheOpen_byWhoMayWait() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    assertThrows(SlowAnswerException.class, () -> lifetimes.opening(QUICK, node, READ_WRITE));
    assertEquals(List.of(), forgotten);
    assertEquals(DAY, seconds(lifetimes), "it does not count as open");
    lifetimes.opening(US, node, READ_WRITE);
    lifetimes.opening(QUICK, node, READ_WRITE); // nothing to tell any more
    assertEquals(List.of(node), forgotten);
  }

  @Test
  void kernel_isNotToldOfWhatItTruncatesOrMakes() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    lifetimes.opening(QUICK, node, READ_WRITE | WritableTree.TRUNCATE);
    lifetimes.closed(node, false);
    lifetimes.created(node);
    assertEquals(List.of(), forgotten);
    assertEquals(0, seconds(lifetimes));
  }

  @Test
  void nextProcess_knowsWhatMayBeMapped() throws Exception {
    Path journal = directory.resolve("open");
    try (OpenNodes open = OpenNodes.fresh(journal);
        Arena arena = Arena.ofConfined()) {
      AttributeLifetimes lifetimes = lifetimes(open);
      open.put(node, 3, 1);
      lifetimes.opening(US, node, READ_WRITE);
      map(arena);
      open.remove(node);
      lifetimes.closed(node, true);
      assertNull(open.get(node));
      try (OpenNodes left = OpenNodes.restored(journal)) {
        assertNull(left.get(node), "it is not open");
        assertEquals(0, seconds(lifetimes(left)));
        assertEquals(1, left.size());
      }
    }
    try (OpenNodes left = OpenNodes.restored(journal)) {
      AttributeLifetimes lifetimes = lifetimes(left);
      assertEquals(0, seconds(lifetimes));
      untilNothingIsMapped(lifetimes);
      assertEquals(0, left.size());
    }
  }

  @Test
  void nothingIsKeptInMind_ofWhatTheKernelForgot() throws Exception {
    OpenNodes open = OpenNodes.fresh(null);
    AttributeLifetimes lifetimes = lifetimes(open);
    lifetimes.created(node);
    lifetimes.closed(node, true);
    assertEquals(1, open.size());
    lifetimes.forgot(node);
    assertEquals(1, open.size(), "the kernel still knows it");
    tree.forget(node, 1);
    lifetimes.forgot(node);
    assertEquals(0, open.size());
  }

  @Test
  void whatIsMapped_isKeptInMind_whateverTheKernelForgets() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    try (Arena arena = Arena.ofConfined()) {
      map(arena);
      lifetimes.created(node);
      lifetimes.closed(node, true);
      lifetimes.forgot(node); // some references of it
      assertEquals(0, seconds(lifetimes));
    }
  }

  @Test
  void killedBeforeTheKernelWasTold_itIsToldByTheNextProcess() throws Exception {
    Path journal = directory.resolve("open");
    try (OpenNodes open = OpenNodes.fresh(journal)) {
      AttributeLifetimes killed =
          new AttributeLifetimes(
              tree,
              open,
              true,
              told -> {
                throw new IllegalStateException("killed");
              });
      assertThrows(IllegalStateException.class, () -> killed.opening(US, node, READ_WRITE));
    }
    try (OpenNodes left = OpenNodes.restored(journal)) {
      lifetimes(left).opening(US, node, READ_WRITE);
    }
    assertEquals(List.of(node), forgotten);
  }

  @Test
  void whatTheKernelWasNotTold_itIsToldAtTheNextOpen() throws Exception {
    List<Long> tried = new ArrayList<>();
    AttributeLifetimes lifetimes =
        new AttributeLifetimes(
            tree,
            OpenNodes.fresh(null),
            true,
            told -> {
              tried.add(told);
              return tried.size() > 1; // the mount was being taken away, and is not
            });
    lifetimes.opening(US, node, READ_WRITE);
    lifetimes.opening(US, node, READ_WRITE);
    lifetimes.opening(US, node, READ_WRITE);
    assertEquals(List.of(node, node), tried);
  }

  @Test
  void answersThatAreTakenLate_allowNothingToBeKept() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    Attributes found = tree.attributes(US, node);
    assertEquals(0, lifetimes.secondsOfLate(found, lifetimes.now()));
    Attributes directory = tree.attributes(US, FileTree.ROOT);
    assertEquals(DAY, lifetimes.secondsOfLate(directory, lifetimes.now()));
  }

  /** A look at whether a file is open takes a lease, which those who open it must not see. */
  @Test
  void looks_failNobodysOpen() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    AtomicBoolean ends = new AtomicBoolean();
    Thread looking =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!ends.get()) {
                    lifetimes.created(node);
                    lifetimes.closed(node, true);
                    try {
                      double unused = seconds(lifetimes);
                    } catch (FuseException e) {
                      throw new IllegalStateException(e);
                    }
                  }
                });
    try {
      for (int i = 0; i < 3000; i++) {
        tree.open(US, node, Posix.O_WRONLY, false).close();
        tree.create(US, FileTree.ROOT, "f", Posix.O_WRONLY, 0644).file().close();
        tree.forget(node, 1);
      }
    } finally {
      ends.set(true);
      looking.join();
    }
  }

  @Test
  void setIdBits_mayGo() throws Exception {
    AttributeLifetimes lifetimes = lifetimes(OpenNodes.fresh(null));
    Files.setAttribute(file, "unix:mode", 0104755);
    assertEquals(0, seconds(lifetimes));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertEquals(DAY, seconds(lifetimes));
  }
}
