package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.scheme.Remotes;
import io.revfs.testing.DyingRemote;
import io.revfs.testing.PushProcess;
import io.revfs.testing.PushedObjects;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every remote does, run against each kind over a real server. */
abstract class RemoteContract {
  /** Servers may be slow where the machine has much else to do; what fails, fails at once here. */
  static final RemoteLimits LIMITS =
      new RemoteLimits(8, Duration.ofSeconds(30), Duration.ofSeconds(30), 2);

  private static final int INTERRUPTED = 100;

  @TempDir Path temporary;
  private final List<OpenRemote> opened = new ArrayList<>();

  /** Returns the settings of a remote that is empty, or holds what {@link #put} puts there. */
  abstract RemoteSettings settings() throws Exception;

  /** Returns settings whose credentials are wrong, or null where there are none. */
  RemoteSettings wrongCredentials() throws Exception {
    return null;
  }

  /** Puts an object there by other means, where the remote cannot write. */
  void put(String path, byte[] content) throws Exception {
    Path file = temporary.resolve("content-" + Math.abs(path.hashCode()));
    Files.write(file, content);
    remote().write(path, Upload.of(file));
  }

  Remote remote() throws Exception {
    return open(settings()).remote();
  }

  OpenRemote open(RemoteSettings settings) throws IOException {
    OpenRemote remote = Remotes.open(settings);
    opened.add(remote);
    return remote;
  }

  @AfterEach
  void closeRemotes() {
    opened.forEach(OpenRemote::close);
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  static byte[] read(Remote remote, String path, long offset, long length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    remote.read(
        RemoteKey.of(path),
        offset,
        length,
        bytes -> {
          byte[] some = new byte[bytes.remaining()];
          bytes.get(some);
          out.writeBytes(some);
        });
    return out.toByteArray();
  }

  @Test
  void readsAnyRange() throws Exception {
    byte[] content = random(300_000);
    put("files/md5/ab/cdef", content);
    Remote remote = remote();
    assertEquals(content.length, remote.stat(RemoteKey.of("files/md5/ab/cdef")).size());
    for (int[] range : new int[][] {{0, 300_000}, {0, 1}, {299_999, 1}, {1000, 65_536}, {77, 0}}) {
      byte[] expected = java.util.Arrays.copyOfRange(content, range[0], range[0] + range[1]);
      assertArrayEquals(expected, read(remote, "files/md5/ab/cdef", range[0], range[1]));
    }
  }

  @Test
  void emptyObject() throws Exception {
    put("files/md5/00/empty", new byte[0]);
    assertEquals(0, remote().stat(RemoteKey.of("files/md5/00/empty")).size());
    assertEquals(0, read(remote(), "files/md5/00/empty", 0, 0).length);
  }

  @Test
  void missingObject() throws Exception {
    put("there", new byte[1]);
    Remote remote = remote();
    assertThrows(ObjectMissingException.class, () -> remote.stat(RemoteKey.of("not/there")));
    assertThrows(ObjectMissingException.class, () -> read(remote, "not/there", 0, 10));
  }

  @Test
  void oddNames() throws Exception {
    Remote remote = remote();
    for (String name : List.of("a b", "ünï", "p+q", "100%", "a&b=c", "x#y", "deep/er/file.dir")) {
      put("odd/" + name, name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertEquals(
          name, new String(read(remote, "odd/" + name, 0, name.getBytes("UTF-8").length), "UTF-8"));
    }
  }

  @Test
  void concurrentReaders() throws Exception {
    byte[] content = random(1_000_000);
    put("big", content);
    Remote remote = remote();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int from = i * 20_000;
        tasks.add(
            () ->
                java.util.Arrays.equals(
                    java.util.Arrays.copyOfRange(content, from, from + 50_000),
                    read(remote, "big", from, 50_000)));
      }
      for (Future<Boolean> result : threads.invokeAll(tasks)) {
        assertTrue(result.get());
      }
    }
  }

  @Test
  void listsAllDepths() throws Exception {
    Remote remote = remote();
    if (!remote.capabilities().contains(Remote.Capability.LIST)) {
      assertThrows(SourceUnreachableException.class, () -> remote.list("", o -> true));
      return;
    }
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < 30; i++) {
      String path = "files/md5/%02x/%030d".formatted(i % 4, i);
      put(path, new byte[i]);
      expected.add(path + " " + i);
    }
    put("elsewhere", new byte[3]);
    Set<String> found = new TreeSet<>();
    remote.list("files/md5/", o -> found.add(o.path() + " " + o.size()));
    assertEquals(expected, found);
    List<RemoteObject> odd = new ArrayList<>();
    remote.list("files/md5/", o -> wasJustWritten(o) || odd.add(o));
    assertEquals(List.of(), odd, "listings tell when objects were written");
    int[] seen = {0};
    remote.list("files/md5/", o -> ++seen[0] < 5);
    assertEquals(5, seen[0]);
  }

  private static boolean wasJustWritten(RemoteObject object) {
    Instant written = object.modified().orElse(Instant.EPOCH);
    return Duration.between(written, Instant.now()).abs().compareTo(Duration.ofHours(1)) < 0;
  }

  @Test
  void writesAndDeletes() throws Exception {
    Remote remote = remote();
    Path file = temporary.resolve("w");
    Files.write(file, random(5000));
    remote.write("new/dir/w", Upload.of(file));
    assertArrayEquals(random(5000), read(remote, "new/dir/w", 0, 5000));
    Files.write(file, random(6000));
    remote.write("new/dir/w", Upload.of(file));
    assertEquals(6000, remote.stat(RemoteKey.of("new/dir/w")).size());
    if (!remote.capabilities().contains(Remote.Capability.DELETE)) {
      assertThrows(SourceUnreachableException.class, () -> remote.delete("new/dir/w"));
      return;
    }
    remote.delete("new/dir/w");
    remote.delete("new/dir/w");
    assertThrows(ObjectMissingException.class, () -> remote.stat(RemoteKey.of("new/dir/w")));
  }

  @Test
  void readsAllAtOnce() throws Exception {
    Remote remote = remote();
    for (int size : new int[] {0, 1, 5000, 3_000_000}) {
      put("all/" + size, random(size));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      long passed =
          remote.readAll(
              RemoteKey.of("all/" + size),
              bytes -> {
                byte[] some = new byte[bytes.remaining()];
                bytes.get(some);
                out.writeBytes(some);
              });
      assertEquals(size, passed);
      assertArrayEquals(random(size), out.toByteArray());
    }
    assertThrows(
        ObjectMissingException.class, () -> remote.readAll(RemoteKey.of("all/none"), b -> {}));
  }

  @Test
  void manyDeletions() throws Exception {
    Remote remote = remote();
    if (!remote.capabilities().contains(Remote.Capability.DELETE)) {
      return;
    }
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      keys.add("files/md5/%02x/%030d".formatted(i % 3, i));
      put(keys.get(i), new byte[i]);
    }
    keys.add("files/md5/00/neverthere");
    remote.deleteAll(keys.subList(5, keys.size()));
    Set<String> left = new TreeSet<>();
    remote.list("files/", o -> left.add(o.path()));
    assertEquals(new TreeSet<>(keys.subList(0, 5)), left);
  }

  @Test
  void writeTellsHowFarItIs() throws Exception {
    Path file = temporary.resolve("w");
    Files.write(file, random(3_000_000));
    java.util.concurrent.atomic.AtomicLong sent = new java.util.concurrent.atomic.AtomicLong();
    RemoteObject written =
        remote().write("files/md5/aa/bb", new Upload(file, 3_000_000, true, sent::set));
    assertEquals(3_000_000, sent.get());
    assertEquals(3_000_000, written.size());
    assertArrayEquals(random(3_000_000), read(remote(), "files/md5/aa/bb", 0, 3_000_000));
  }

  /** An answer that nobody waited for must not be taken for the next one's. */
  @Test
  void interruptedWrites_loseNothing() throws Exception {
    Remote remote = remote();
    byte[] content = random(20_000);
    Path file = Files.write(temporary.resolve("content"), content);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < INTERRUPTED; round++) {
      String path = "interrupted/" + round;
      AtomicBoolean written = new AtomicBoolean();
      Thread writer =
          Thread.startVirtualThread(
              () -> {
                try {
                  remote.write(path, Upload.of(file));
                  written.set(true);
                } catch (IOException e) {
                  // Interrupted: then nothing is promised.
                }
              });
      LockSupport.parkNanos(random.nextInt(6_000_000));
      writer.interrupt();
      writer.join();
      if (!written.get()) {
        remote.write(path, Upload.of(file));
      }
      String what = "round " + round + ", seed " + seed;
      assertArrayEquals(content, read(remote, path, 0, content.length), what);
    }
  }

  @Test
  void vanishedContent_storesNothing() throws Exception {
    put("there", new byte[1]);
    Remote remote = remote();
    Upload gone = new Upload(temporary.resolve("gone"), 10, true, n -> {});
    assertThrows(IOException.class, () -> remote.write("files/gone", gone));
    assertThrows(ObjectMissingException.class, () -> remote.stat(RemoteKey.of("files/gone")));
  }

  @Test
  void unknownOption_isRefused() throws Exception {
    RemoteSettings settings = settings();
    Map<String, String> options = new java.util.HashMap<>(settings.options());
    options.put("colour", "blue");
    RemoteConfigurationException e =
        assertThrows(
            RemoteConfigurationException.class, () -> open(settings(settings.url(), options)));
    assertTrue(e.getMessage().contains("colour"), e.getMessage());
  }

  @Test
  void wrongCredentials_areSaid_andNeverShown() throws Exception {
    RemoteSettings wrong = wrongCredentials();
    if (wrong == null) {
      return; // the kind has none
    }
    put("x", new byte[1]);
    OpenRemote remote = open(wrong);
    SourceUnreachableException e =
        assertThrows(SourceUnreachableException.class, () -> read(remote.remote(), "x", 0, 1));
    assertFalse(e.isTransient(), "trying again cannot help");
    String all =
        e.getMessage() + remote.remote().url() + remote.figures().get().lastError() + wrong;
    assertFalse(all.contains("wr0ngsecret"), all);
    assertFalse(remote.figures().get().lastError().isEmpty());
  }

  /** Settings of a place below the remote's own. */
  private RemoteSettings below(String place) throws Exception {
    RemoteSettings settings = settings();
    return new RemoteSettings(
        settings.name(),
        settings.url() + "/" + place,
        settings.options(),
        settings.limits(),
        settings.environment());
  }

  @Test
  void killedAtEveryTenthRequestOfAPush_thenPushedAgain() throws Exception {
    try (PushedObjects objects = PushedObjects.make(temporary.resolve("push"), 24, 3000)) {
      for (int last = 1; ; last += 10) {
        Remote remote = open(below("killed" + last)).remote();
        DyingRemote dying = new DyingRemote(remote, last);
        try {
          objects.push(dying.remote(), 4);
        } catch (IOException | IllegalStateException e) {
          assertTrue(dying.isDead(), () -> e.toString());
        }
        objects.assertNothingHalf(remote);
        if (!dying.isDead()) {
          return;
        }
        objects.push(remote, 4);
        objects.assertAllThere(remote);
        assertEquals(0, objects.push(remote, 4).transferred());
      }
    }
  }

  @Test
  @Tag("slow")
  void processKilledAtEveryTenthRequestOfAPush_thenPushedAgain() throws Exception {
    try (PushedObjects objects = PushedObjects.make(temporary.resolve("push"), 24, 3000)) {
      for (int last = 1; ; last += 10) {
        RemoteSettings settings = below("dead" + last);
        Remote remote = open(settings).remote();
        boolean killed = PushProcess.run(temporary.resolve("push" + last), settings, 24, last);
        objects.assertNothingHalf(remote);
        objects.push(remote, 4);
        objects.assertAllThere(remote);
        if (!killed) {
          return;
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void tenThousandSmallFiles() throws Exception {
    try (PushedObjects objects = PushedObjects.make(temporary.resolve("push"), 10_000, 200)) {
      Remote remote = open(below("many")).remote();
      assertEquals(10_001, objects.push(remote, 8).transferred());
      assertEquals(0, objects.push(remote, 8).transferred());
      assertEquals(10_001, objects.fetch(remote, 8).transferred());
    }
  }

  @Test
  @Tag("slow")
  void fiveGibibytes() throws Exception {
    long size = (5L << 30) + 12_345;
    Path file = temporary.resolve("sparse");
    long[] marks = {0, (2L << 30) - 3, (4L << 30) + 7, size - 10};
    try (FileChannel sparse =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      for (long mark : marks) {
        sparse.write(ByteBuffer.wrap(random(10)), mark);
      }
    }
    Remote remote = open(below("large")).remote();
    RemoteObject written = remote.write("sparse", Upload.of(file));
    assertEquals(size, written.size());
    assertEquals(size, remote.stat(RemoteKey.of("sparse")).size());
    for (long mark : marks) {
      assertArrayEquals(random(10), read(remote, "sparse", mark, 10));
    }
  }

  static RemoteSettings settings(String url, Map<String, String> options) {
    return new RemoteSettings("store", url, options, LIMITS);
  }
}
