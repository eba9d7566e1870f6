package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.revfs.fuse.Await;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.MemoryTree;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.device.FuseDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each structure of the protocol, byte for byte: requests and answers are put together here field
 * by field in the order of linux/fuse.h 7.45, without the code under test.
 */
class RequestsTest {
  private static final int TIME = (int) MemoryTree.TIME_SECONDS;

  private final MemoryTree tree =
      new MemoryTree()
          .file("hello.txt", "hello\n")
          .attribute("hello.txt", "user.a", new byte[] {'1', '2', '3'})
          .directory("d");
  private final TestExchange x = new TestExchange();
  private long hello;

  @BeforeEach
  void find() throws FuseException {
    hello = tree.lookup(RequestContext.INTERNAL, FileTree.ROOT, "hello.txt").node();
  }

  private Requests requests(boolean pageCache) throws Exception {
    Negotiation agreed = new Negotiation(45, Negotiation.NO_OPENDIR_SUPPORT, 0, 256, pageCache);
    return new Requests(
        tree,
        agreed,
        new NodeFiles(tree, false),
        new PassthroughFiles(
            FuseDevice.inherited(java.util.List.of()), OpenNodes.fresh(null), false),
        new AttributeLifetimes(tree, OpenNodes.fresh(null), false, node -> true),
        7,
        8);
  }

  /** Fields of a structure: Long 8 bytes, Integer 4, Short 2, byte[] as they are. */
  private static byte[] fields(Object... fields) {
    ByteBuffer to = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    for (Object field : fields) {
      switch (field) {
        case Long l -> to.putLong(l);
        case Integer i -> to.putInt(i);
        case Short s -> to.putShort(s);
        case String s -> to.put(s.getBytes(StandardCharsets.UTF_8));
        case byte[] b -> to.put(b);
        default -> throw new IllegalArgumentException(field.toString());
      }
    }
    return Arrays.copyOf(to.array(), to.position());
  }

  private byte[] answer(int opcode, long node, byte[] body) throws Exception {
    return x.answer(requests(false).answer(x.request(opcode, node, body)));
  }

  private byte[] attr(long node, long size, int mode, int links) {
    long blocks = (size + 4095) / 4096 * 8;
    return fields(
        node,
        size,
        blocks,
        (long) TIME,
        (long) TIME,
        (long) TIME,
        0,
        0,
        0,
        mode,
        links,
        7,
        8,
        0,
        4096,
        0);
  }

  private byte[] entry(long node, long size, int mode) {
    return fields(node, 0L, 3600L, 3600L, 0, 0, attr(node, size, mode, 1));
  }

  @Test
  void lookup_entryOut() throws Exception {
    assertArrayEquals(
        entry(hello, 6, 0100444), answer(Opcode.LOOKUP, FileTree.ROOT, fields("hello.txt\0")));
    assertEquals(128, entry(hello, 6, 0100444).length);
  }

  @Test
  void getattr_attrOut() throws Exception {
    byte[] getattrIn = fields(0, 0, 0L);
    assertArrayEquals(
        fields(3600L, 0, 0, attr(hello, 6, 0100444, 1)), answer(Opcode.GETATTR, hello, getattrIn));
    assertArrayEquals(
        fields(3600L, 0, 0, attr(1, 0, 040555, 2)), answer(Opcode.GETATTR, 1, getattrIn));
  }

  @Test
  void statx_statxOut() throws Exception {
    byte[] time = fields((long) TIME, 0, 0);
    byte[] noTime = fields(0L, 0, 0);
    byte[] expected =
        fields(
            3600L,
            0,
            0,
            0L,
            0L, // attr_valid, nsec, flags, spare
            0x7ff,
            4096,
            0L,
            1,
            7,
            8,
            (short) 0100444,
            (short) 0,
            hello,
            6L,
            8L, // blocks of 512 bytes: one of 4096
            0L, // to the mask
            time,
            noTime,
            time,
            time,
            0,
            0,
            0,
            0,
            new byte[14 * 8]);
    assertEquals(288, expected.length);
    assertArrayEquals(expected, answer(Opcode.STATX, hello, fields(0, 0, 0L, 0, 0x7ff)));
  }

  @Test
  void open_openOut() throws Exception {
    // FOPEN_KEEP_CACHE and FOPEN_NOFLUSH
    assertArrayEquals(fields(0L, 2 | 32, 0), answer(Opcode.OPEN, hello, fields(0100000, 0)));
    FuseException refused =
        assertThrows(
            FuseException.class,
            () -> requests(true).answer(x.request(Opcode.OPEN, hello, fields(0100000, 0))));
    assertEquals(Errno.ENOSYS, refused.errno());
  }

  @Test
  void read_readIn() throws Exception {
    byte[] readIn = fields(0L, 2L, 3, 0, 0L, 0, 0);
    assertEquals(40, readIn.length);
    assertArrayEquals(fields("llo"), answer(Opcode.READ, hello, readIn));
    assertArrayEquals(fields(), answer(Opcode.READ, hello, fields(0L, 6L, 3, 0, 0L, 0, 0)));
  }

  @Test
  void getxattr_bothAnswers() throws Exception {
    assertArrayEquals(fields(3, 0), answer(Opcode.GETXATTR, hello, fields(0, 0, "user.a\0")));
    assertArrayEquals(fields("123"), answer(Opcode.GETXATTR, hello, fields(16, 0, "user.a\0")));
    assertArrayEquals(fields("user.a\0"), answer(Opcode.LISTXATTR, hello, fields(64, 0)));
    assertErrno(Errno.ERANGE, Opcode.GETXATTR, hello, fields(2, 0, "user.a\0"));
    assertErrno(Errno.ENODATA, Opcode.GETXATTR, hello, fields(9, 0, "user.b\0"));
  }

  @Test
  void statfs_statfsOut() throws Exception {
    long files = tree.statistics(RequestContext.INTERNAL).files();
    byte[] expected =
        fields((10L << 30) / 4096, 0L, 0L, files, 0L, 4096, 255, 4096, 0, new byte[24]);
    assertEquals(80, expected.length);
    assertArrayEquals(expected, answer(Opcode.STATFS, 1, fields()));
  }

  private static byte[] dirent(long node, long next, int type, String name) {
    int padding = (8 - name.length() % 8) % 8;
    return fields(node, next, name.length(), type, name, new byte[padding]);
  }

  @Test
  void readdir_dirents() throws Exception {
    long d = tree.lookup(RequestContext.INTERNAL, 1, "d").node();
    assertArrayEquals(
        fields(
            dirent(1, 1, 4, "."),
            dirent(1, 2, 4, ".."),
            dirent(d, 3, 4, "d"),
            dirent(hello, 4, 8, "hello.txt")),
        answer(Opcode.READDIR, 1, fields(0L, 0L, 4096, 0, 0L, 0, 0)));
    assertArrayEquals(
        dirent(d, 3, 4, "d"), // room for one only
        answer(Opcode.READDIR, 1, fields(0L, 2L, 40, 0, 0L, 0, 0)));
  }

  @Test
  void readdirplus_entriesAndDirents() throws Exception {
    long before = tree.references();
    assertArrayEquals(
        fields(
            new byte[128],
            dirent(1, 2, 4, ".."),
            fields(fields(3L, 0L, 3600L, 3600L, 0, 0, attr(3, 0, 040555, 2)), dirent(3, 3, 4, "d")),
            entry(hello, 6, 0100444),
            dirent(hello, 4, 8, "hello.txt")),
        answer(Opcode.READDIRPLUS, 1, fields(0L, 1L, 4096, 0, 0L, 0, 0)));
    assertEquals(before + 2, tree.references());
    tree.fail("list", () -> new FuseException(Errno.EIO, "broken"));
    assertErrno(Errno.EIO, Opcode.READDIRPLUS, 1, fields(0L, 0L, 4096, 0, 0L, 0, 0));
    assertEquals(before + 2, tree.references());
  }

  @Test
  void forgets_giveReferencesBack() throws Exception {
    long before = tree.references();
    Requests requests = requests(true);
    assertEquals(Requests.NO_ANSWER, requests.answer(x.request(Opcode.FORGET, hello, fields(3L))));
    assertEquals(before - 3, tree.references());
    byte[] batch = fields(2, 0, hello, 4L, 1L, 5L);
    assertEquals(Requests.NO_ANSWER, requests.answer(x.request(Opcode.BATCH_FORGET, 0, batch)));
    assertEquals(before - 12, tree.references());
    // A count larger than what follows is cut to it.
    byte[] wrong = fields(-1, 0, hello, 1L);
    assertEquals(Requests.NO_ANSWER, requests.answer(x.request(Opcode.BATCH_FORGET, 0, wrong)));
    assertEquals(before - 13, tree.references());
  }

  @Test
  void notificationsAndBackingMap() {
    MemorySegment out = Arena.ofAuto().allocate(64, 8);
    assertEquals(16 + 8, Wire.putInvalEntry(out, 0, 9, fields("current")));
    assertArrayEquals(fields(9L, 7, 0, "current\0"), bytes(out, 24));
    assertEquals(24, Wire.putInvalInode(out, 0, 9));
    assertArrayEquals(fields(9L, 0L, 0L), bytes(out, 24));
    Wire.putBackingMap(out, 5);
    assertArrayEquals(fields(5, 0, 0L), bytes(out, 16));
  }

  private static byte[] bytes(MemorySegment from, int length) {
    return from.asSlice(0, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  private void assertErrno(Errno expected, int opcode, long node, byte[] body) {
    FuseException thrown =
        assertThrows(
            FuseException.class,
            () -> requests(false).answer(x.request(opcode, node, body)),
            opcode + " of " + node);
    assertEquals(expected, thrown.errno(), opcode + " of " + node);
  }

  @Test
  void badRequests_areErrors() {
    assertErrno(Errno.ENOSYS, 4711, hello, fields());
    assertErrno(Errno.ENOSYS, Opcode.FLUSH, hello, fields());
    assertErrno(Errno.ESTALE, Opcode.GETATTR, 123_456, fields(0, 0, 0L));
    assertErrno(Errno.ESTALE, Opcode.READ, -5, fields(0L, 0L, 3, 0, 0L, 0, 0));
    assertErrno(Errno.EIO, Opcode.READ, hello, fields(0L, 0L, 3));
    assertErrno(Errno.EIO, Opcode.LOOKUP, 1, fields("no end"));
    assertErrno(Errno.EIO, Opcode.FORGET, 1, fields());
    assertErrno(Errno.EIO, Opcode.STATX, 1, fields(1));
    assertErrno(Errno.EIO, Opcode.GETXATTR, 1, fields());
    assertErrno(Errno.EINVAL, Opcode.READ, hello, fields(0L, -1L, 3, 0, 0L, 0, 0));
    assertErrno(Errno.EINVAL, Opcode.READ, hello, fields(0L, 0L, 1 << 30, 0, 0L, 0, 0));
    assertErrno(Errno.EINVAL, Opcode.READDIR, 1, fields(0L, -7L, 4096, 0, 0L, 0, 0));
    assertErrno(Errno.ENAMETOOLONG, Opcode.LOOKUP, 1, fields("n".repeat(256) + "\0"));
    assertErrno(Errno.EROFS, Opcode.UNLINK, 1, fields("hello.txt\0"));
  }

  /** Random bytes for a minute: errors of the protocol, and nothing else, come out. */
  @Test
  void randomBytes_areAnsweredOrRefused() throws Exception {
    long seed = Long.getLong("revfs.seed", System.nanoTime());
    Random random = new Random(seed);
    Requests[] ways = {requests(false), requests(true)};
    long end = System.nanoTime() + Long.getLong("revfs.fuzz.seconds", 60) * 1_000_000_000L;
    long count = 0;
    while (System.nanoTime() - end < 0) {
      byte[] body = new byte[random.nextInt(random.nextInt(20) == 0 ? 5000 : 80)];
      random.nextBytes(body);
      int opcode = random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(56);
      long node = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(5);
      x.request(opcode, node, body);
      if (random.nextInt(8) == 0) {
        byte[] header = new byte[40];
        random.nextBytes(header);
        x.raw(header, 0);
        x.raw(body, 40);
      }
      try {
        int length = ways[random.nextInt(2)].answer(x);
        assertTrue(length <= 1 << 20, "seed " + seed);
      } catch (FuseException e) {
        assertTrue(e.errno().number() > 0);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", opcode " + x.opcode(), e);
      }
      count++;
    }
    assertTrue(count > 1000, "only " + count);
  }

  @Test
  void reads_allocateNothing() throws Exception {
    Requests requests = requests(true);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] body = fields(0L, 0L, 6, 0, 0L, 0, 0);
    x.request(Opcode.READ, hello, body);
    int rounds = 200_000;
    long[] bytes = {Long.MAX_VALUE};
    // So it is once the compiler, which may be given little time, is done with them.
    Await.until(
        () -> bytes[0] + " bytes for " + rounds + " reads",
        () -> {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < rounds; i++) {
            if (requests.answer(x) != 6) {
              throw new AssertionError();
            }
          }
          bytes[0] = threads.getCurrentThreadAllocatedBytes() - before;
          return bytes[0] <= rounds; // none for each
        });
  }
}
