package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.device.FuseDevice;
import io.revfs.fuse.local.LocalTree;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each structure that changes a tree, byte for byte: put together here field by field in the order
 * of linux/fuse.h 7.45, on a real directory, without a kernel.
 */
class WriteRequestsTest {
  private static final long RESENT = 1L << 63;

  @TempDir Path directory;

  private final TestExchange x = new TestExchange();
  private LocalTree tree;
  private WriteRequests requests;

  @BeforeEach
  void open() throws Exception {
    int fd =
        Posix.open(
            Posix.AT_FDCWD,
            directory.toString().getBytes(StandardCharsets.UTF_8),
            NameCalls.O_PATH | Posix.O_DIRECTORY,
            0);
    tree = new LocalTree(fd, NodeMemory.NONE, name -> name.endsWith(".dvc"));
    requests =
        new WriteRequests(
            tree,
            new Negotiation(45, Negotiation.BIG_WRITES, 0, 256, false),
            new PassthroughFiles(FuseDevice.inherited(List.of()), OpenNodes.fresh(null), false),
            new AttributeLifetimes(tree, OpenNodes.fresh(null), false, node -> true),
            7,
            8);
  }

  @AfterEach
  void close() {
    requests.close();
    tree.close();
  }

  private static byte[] fields(Object... fields) {
    ByteBuffer to = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    for (Object field : fields) {
      switch (field) {
        case Long l -> to.putLong(l);
        case Integer i -> to.putInt(i);
        case String s -> to.put(s.getBytes(StandardCharsets.UTF_8));
        case byte[] b -> to.put(b);
        default -> throw new IllegalArgumentException(field.toString());
      }
    }
    return Arrays.copyOf(to.array(), to.position());
  }

  private ByteBuffer answer(int opcode, long node, Object... body) throws FuseException {
    int length = requests.answer(x.request(opcode, node, fields(body)));
    Runnable rest = x.afterAnswer();
    if (rest != null) {
      rest.run();
    }
    return ByteBuffer.wrap(x.answer(length)).order(ByteOrder.nativeOrder());
  }

  /** As a request that the process before had read. */
  private int again(int opcode, long node, Object... body) throws FuseException {
    TestExchange request = x.request(opcode, node, fields(body));
    Wire.putLong(request.request(), Wire.InHeader.UNIQUE, 77 | RESENT);
    return requests.answer(request);
  }

  private ByteBuffer create(String name) throws FuseException {
    return answer(Opcode.CREATE, FileTree.ROOT, 0102, 0100640, 022, 0, name + "\0");
  }

  @Test
  void create_entryOutAndOpenOut() throws Exception {
    ByteBuffer out = create("f");
    assertEquals(128 + 16, out.limit());
    Path file = directory.resolve("f");
    assertEquals(0, out.getLong(8), "no generation");
    assertEquals(86_400, out.getLong(16), "the name's lifetime");
    assertEquals(Files.getAttribute(file, "unix:ino"), out.getLong(40), "st_ino");
    assertEquals(0100640, out.getInt(40 + 60), "st_mode");
    assertEquals(1, out.getInt(40 + 64), "st_nlink");
    assertEquals(Files.getAttribute(file, "unix:uid"), out.getInt(40 + 68));
    assertEquals(1 << 1 | 1 << 5, out.getInt(128 + 8), "KEEP_CACHE, NOFLUSH");
    assertEquals(0, out.getInt(128 + 12), "no backing file");
  }

  @Test
  void open_ofWhatIsWatched_asksForFlushes() throws Exception {
    long node = create("data.dvc").getLong(0);
    ByteBuffer out = answer(Opcode.OPEN, node, 1, 0);
    assertEquals(1 << 1, out.getInt(8));
    assertEquals(16, out.limit());
    assertEquals(0, answer(Opcode.FLUSH, node, out.getLong(0), 0, 0, 5L).limit());
  }

  @Test
  void write_thenRead_writeOut() throws Exception {
    ByteBuffer created = create("f");
    long node = created.getLong(0);
    long handle = created.getLong(128);
    ByteBuffer out = answer(Opcode.WRITE, node, handle, 3L, 4, 0, 0L, 1, 0, "data");
    assertArrayEquals(fields(4, 0), out.array());
    assertEquals("\0\0\0data", Files.readString(directory.resolve("f")));
    assertArrayEquals(
        fields("\0data"), answer(Opcode.READ, node, handle, 2L, 100, 0, 0L, 0, 0).array());
    FuseException broken =
        assertThrows(
            FuseException.class,
            () -> answer(Opcode.WRITE, node, handle, 0L, 400, 0, 0L, 1, 0, "short"));
    assertEquals(Errno.EINVAL, broken.errno());
  }

  @Test
  void write_dropsSetIdBits_whenTheKernelSaysSo() throws Exception {
    ByteBuffer created = create("f");
    var unused = answer(Opcode.SETATTR, created.getLong(0), setattr(1, 0, 0, 0, 06777, 0, 0));
    var written =
        answer(Opcode.WRITE, created.getLong(0), created.getLong(128), 0L, 1, 4, 0L, 1, 0, "x");
    assertEquals(0100777, Files.getAttribute(directory.resolve("f"), "unix:mode"));
    assertEquals(8, written.limit());
    assertEquals(104, unused.limit());
  }

  private static byte[] setattr(
      int valid, long size, long accessed, long modified, int mode, int uid, int gid) {
    return fields(valid, 0, 0L, size, 0L, accessed, modified, 0L, 12, 34, 0, mode, 0, uid, gid, 0);
  }

  @Test
  void setattr_attrOut() throws Exception {
    long node = create("f").getLong(0);
    ByteBuffer out =
        answer(Opcode.SETATTR, node, setattr(1 | 8 | 16 | 32, 5, 100, 200, 0600, 0, 0));
    assertEquals(104, out.limit());
    assertEquals(5, out.getLong(16 + 8), "size");
    assertEquals(100, out.getLong(16 + 24), "atime");
    assertEquals(200, out.getLong(16 + 32), "mtime");
    assertEquals(12, out.getInt(16 + 48), "atimensec");
    assertEquals(34, out.getInt(16 + 52), "mtimensec");
    assertEquals(0100600, out.getInt(16 + 60), "mode");
    Path file = directory.resolve("f");
    assertEquals(
        FileTime.from(java.time.Instant.ofEpochSecond(200, 34)), Files.getLastModifiedTime(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void names_areMadeMovedAndRemoved() throws Exception {
    long d = answer(Opcode.MKDIR, FileTree.ROOT, 040755, 022, "d\0").getLong(0);
    long f = answer(Opcode.MKNOD, d, 0100644, 0, 022, 0, "f\0").getLong(0);
    assertEquals(f, answer(Opcode.LINK, d, f, "g\0").getLong(0));
    assertEquals(128, answer(Opcode.SYMLINK, d, "l\0target\0").limit());
    assertEquals("target", Files.readSymbolicLink(directory.resolve("d/l")).toString());
    assertEquals(0, answer(Opcode.RENAME2, d, FileTree.ROOT, 1, 0, "f\0moved\0").limit());
    FuseException there =
        assertThrows(
            FuseException.class,
            () -> answer(Opcode.RENAME2, d, FileTree.ROOT, 1, 0, "g\0moved\0"));
    assertEquals(Errno.EEXIST, there.errno(), "RENAME_NOREPLACE");
    assertEquals(0, answer(Opcode.RENAME, d, FileTree.ROOT, "l\0moved\0").limit());
    assertEquals(0, answer(Opcode.UNLINK, d, "g\0").limit());
    assertEquals(0, answer(Opcode.RMDIR, FileTree.ROOT, "d\0").limit());
    assertEquals(List.of("moved"), List.of(directory.toFile().list()));
  }

  @Test
  void extendedAttributes_valueFollowsTheName() throws Exception {
    long node = create("f").getLong(0);
    assertEquals(0, answer(Opcode.SETXATTR, node, 3, 0, "user.a\0", "val").limit());
    assertArrayEquals(fields("val"), (byte[]) Files.getAttribute(directory.resolve("f"), "user:a"));
    assertEquals(0, answer(Opcode.REMOVEXATTR, node, "user.a\0").limit());
    FuseException broken =
        assertThrows(
            FuseException.class, () -> answer(Opcode.SETXATTR, node, 30, 0, "user.a\0", "val"));
    assertEquals(Errno.EINVAL, broken.errno());
  }

  @Test
  void openFiles_areAllocatedSoughtSynchronizedAndCopied() throws Exception {
    ByteBuffer created = create("f");
    long node = created.getLong(0);
    long handle = created.getLong(128);
    assertEquals(0, answer(Opcode.FALLOCATE, node, handle, 0L, 8192L, 0, 0).limit());
    assertEquals(8192, Files.size(directory.resolve("f")));
    assertEquals(0, answer(Opcode.FSYNC, node, handle, 1, 0).limit());
    assertEquals(0, answer(Opcode.LSEEK, node, handle, 0L, 4, 0).getLong(0), "SEEK_HOLE");
    assertEquals(0, answer(Opcode.FSYNCDIR, FileTree.ROOT, 0L, 0, 0).limit());
    ByteBuffer other = create("g");
    ByteBuffer copied =
        answer(
            Opcode.COPY_FILE_RANGE,
            node,
            handle,
            0L,
            other.getLong(0),
            other.getLong(128),
            0L,
            100L,
            0L);
    assertArrayEquals(fields(100, 0), copied.array());
    assertEquals(0, answer(Opcode.RELEASE, node, handle, 2, 0, 0L).limit());
  }

  @Test
  void requestsSentAgain_thatWereDone_areDone() throws Exception {
    assertEquals(128, answer(Opcode.MKDIR, FileTree.ROOT, 040755, 022, "d\0").limit());
    assertEquals(128, again(Opcode.MKDIR, FileTree.ROOT, 040755, 022, "d\0"));
    assertEquals(0, again(Opcode.RMDIR, FileTree.ROOT, "d\0"));
    assertEquals(0, again(Opcode.RMDIR, FileTree.ROOT, "d\0"));
    assertEquals(144, again(Opcode.CREATE, FileTree.ROOT, 0302, 0100644, 022, 0, "f\0"));
    assertEquals(144, again(Opcode.CREATE, FileTree.ROOT, 0302, 0100644, 022, 0, "f\0"));
    assertEquals(0, again(Opcode.UNLINK, FileTree.ROOT, "f\0"));
    assertEquals(0, again(Opcode.UNLINK, FileTree.ROOT, "f\0"));
    FuseException gone =
        assertThrows(FuseException.class, () -> answer(Opcode.UNLINK, FileTree.ROOT, "f\0"));
    assertEquals(Errno.ENOENT, gone.errno());
  }

  @Test
  void handlesOfAnotherProcess_areOpenedAgain() throws Exception {
    long node = create("f").getLong(0);
    Files.writeString(directory.resolve("f"), "text");
    long before = 123;
    assertArrayEquals(
        fields("text"), answer(Opcode.READ, node, before, 0L, 100, 0, 0L, 0, 0).array());
    assertEquals(8, answer(Opcode.WRITE, node, before, 4L, 4, 0, 0L, 1, 0, "more").limit());
    assertEquals("textmore", Files.readString(directory.resolve("f")));
    assertEquals(0, answer(Opcode.RELEASE, node, before, 2, 0, 0L).limit());
  }

  @Test
  void shortRequests_areErrorsAndNothingElse() {
    for (int opcode = 1; opcode < 60; opcode++) {
      if (WriteRequests.answers(opcode) && opcode != Opcode.UNLINK && opcode != Opcode.FSYNCDIR) {
        int code = opcode;
        assertThrows(FuseException.class, () -> answer(code, FileTree.ROOT, "ab"), () -> "" + code);
      }
    }
  }
}
