package io.revfs.trace.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.heard.Access;
import io.revfs.trace.TracedProcess;
import io.revfs.trace.outside.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events as another process reads them. */
class EventLogTest {
  @TempDir Path directory;

  /** Writes down what it is told. */
  private static final class Heard implements RunEvents {
    final List<String> all = new ArrayList<>();

    @Override
    public void started(int process) {
      all.add("started " + process);
    }

    @Override
    public void process(TracedProcess process) {
      all.add(process.toString());
    }

    @Override
    public void accessed(long millis, int process, Access access, String key, String other) {
      all.add(millis + " " + process + " " + access + " " + key + " > " + other);
    }

    @Override
    public void hashed(String key, String digest) {
      all.add("hashed " + key + " " + digest);
    }

    @Override
    public void seen(long millis, Seen seen) {
      all.add(
          "seen %d %d %d %s %s %d %s"
              .formatted(
                  millis,
                  seen.process(),
                  seen.events(),
                  seen.path(),
                  seen.born(),
                  seen.modified(),
                  HexFormat.of().formatHex(seen.handle())));
    }
  }

  private static void tell(RunEvents to, Random random) {
    String path = "some/path/of/\udcff" + random.nextInt(2000); // not UTF-8
    int process = random.nextInt();
    switch (random.nextInt(5)) {
      case 0 -> to.started(process);
      case 1 ->
          to.process(
              new TracedProcess(
                  process, 1, List.of("sh", "-c", "x".repeat(random.nextInt(900))), "/bin/sh", 7));
      case 2 -> {
        Access[] all = Access.values();
        to.accessed(
            random.nextInt(), process, all[random.nextInt(all.length)], path, path + "/other");
      }
      case 3 -> to.hashed(path, "md5:0123456789abcdef0123456789abcdef");
      default ->
          to.seen(
              random.nextInt(),
              new Seen(process, 32, "/" + path, true, random.nextLong(), new byte[] {1, 2, 3}));
    }
  }

  @Test
  void whatWasTold_isThereWithoutAnyClose_inTheSameOrder() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Heard expected = new Heard();
    List<EventLog> open = new ArrayList<>();
    for (int file = 0; file < 3; file++) {
      EventLog log = EventLog.begin(directory);
      open.add(log);
      for (int i = 0; i < 4000; i++) {
        long each = random.nextLong();
        tell(log, new Random(each));
        tell(expected, new Random(each));
      }
    }
    assertEquals(3, EventLog.count(directory));
    Heard heard = new Heard();
    EventLog.read(directory, 3, heard);
    assertEquals(expected.all, heard.all, "seed " + seed);
    assertTrue(Files.size(directory.resolve("events-0")) > 256 << 10, "several windows");
    open.forEach(EventLog::close);
  }

  @Test
  void aLongCommandLine_isCut() throws IOException {
    try (EventLog log = EventLog.begin(directory)) {
      log.process(new TracedProcess(1, 0, List.of("a", "b".repeat(1 << 20), "c"), "", 0));
      Heard heard = new Heard();
      EventLog.read(directory, 1, heard);
      assertEquals(
          List.of(new TracedProcess(1, 0, List.of("a", "..."), "", 0).toString()), heard.all);
    }
  }

  @Test
  void whatCannotBeKept_isNotReadHalf() throws IOException {
    try (EventLog log = EventLog.begin(directory)) {
      log.started(1);
      log.hashed("x".repeat(300 << 10), ""); // no window holds it
      log.started(2);
      assertThrows(IOException.class, () -> EventLog.read(directory, 1, new Heard()));
    }
  }
}
