package io.revfs.experiment.queue.celery;

import io.revfs.fuse.FileNames;
import io.revfs.posix.FileCalls;
import io.revfs.posix.Posix;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The messages, as files: those that wait are in {@code broker/in}, those that somebody took in
 * {@code broker/processed}. To take one is to rename it from there to here, which one can do, DVC's
 * workers (Kombu's transport by files) or we; by the name that it gets it is known who did, also
 * after a crash. Several may be used at once; one is for one thread.
 */
public final class Broker {
  private static final String QUEUE = ".celery.msg";
  private static final String TAKEN = ".revfs";
  private static final int MOST_BYTES = 1 << 20;
  private static final int UMASK = 022;

  private final Path broker;
  private final Path in;
  private final Path processed;

  /** A file is written once, so what was read of it is true for good. */
  private final Map<String, Optional<ExperimentMessage>> read = new HashMap<>();

  private final Map<Path, String> unreadable = new TreeMap<>();

  /** {@code celery} is DVC's directory of it. */
  public Broker(Path celery) {
    this.broker = celery.resolve("broker");
    this.in = broker.resolve("in");
    this.processed = broker.resolve("processed");
  }

  /** Where a message is. */
  public enum Place {
    WAITING,
    TAKEN_HERE,
    TAKEN_BY_DVC
  }

  /** A message and where it was when it was looked for. */
  public record Held(Path file, Place place, ExperimentMessage message) {
    /** Returns when it was put there, by the machine's clock of its uptime. */
    public long milliseconds() {
      String digits = String.valueOf(file.getFileName()).replaceFirst("\\D.*", "");
      return digits.isEmpty() || digits.length() > 18 ? 0 : Long.parseLong(digits);
    }
  }

  /** Returns all messages of experiments, by their stashed commits; those that wait are first. */
  public Map<String, Held> all() throws IOException {
    Map<String, Held> all = new LinkedHashMap<>();
    unreadable.clear();
    add(in, all); // in this order: one that is taken meanwhile is seen here or there
    add(processed, all);
    return all;
  }

  /** Returns the message of a stashed commit. */
  public Optional<Held> of(String commit) throws IOException {
    return Optional.ofNullable(all().get(commit));
  }

  /** Returns what could not be understood when all were last looked for, and why. */
  public Map<Path, String> unreadable() {
    return Collections.unmodifiableMap(unreadable);
  }

  private void add(Path directory, Map<String, Held> all) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> some = Files.newDirectoryStream(directory, "*" + QUEUE + "*")) {
      some.forEach(files::add);
    }
    Collections.sort(files); // as Kombu does
    for (Path file : files) {
      Optional<ExperimentMessage> message = message(file);
      if (message.isPresent()) {
        Held held = new Held(file, place(file), message.get());
        all.putIfAbsent(message.get().entry().commit(), held);
      }
    }
  }

  private Place place(Path file) {
    if (in.equals(file.getParent())) {
      return Place.WAITING;
    }
    return file.toString().endsWith(TAKEN) ? Place.TAKEN_HERE : Place.TAKEN_BY_DVC;
  }

  private static String plainName(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(TAKEN) ? name.substring(0, name.length() - TAKEN.length()) : name;
  }

  private Optional<ExperimentMessage> message(Path file) throws IOException {
    Optional<ExperimentMessage> known = read.get(plainName(file));
    if (known != null) {
      return known;
    }
    Optional<ExperimentMessage> message;
    try {
      byte[] content = content(file);
      if (content.length == 0) {
        return Optional.empty(); // who made it has not written it yet
      }
      message = ExperimentMessage.read(content);
    } catch (NoSuchFileException e) {
      return Optional.empty(); // taken, or removed
    } catch (MessageException e) {
      if (isBeingWritten(file)) {
        return Optional.empty();
      }
      unreadable.put(file, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    read.put(plainName(file), message);
    return message;
  }

  private static byte[] content(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new MessageException("it is too large");
    }
    return Files.readAllBytes(file);
  }

  /** Kombu holds a lock on a message for as long as it writes it. */
  private static boolean isBeingWritten(Path file) throws IOException {
    int fd = Posix.open(Posix.AT_FDCWD, FileNames.encode(file.toString()), Posix.O_RDONLY, 0);
    if (fd < 0) {
      return true; // gone: whoever has it will see
    }
    boolean locked = FileCalls.lock(fd) < 0;
    Posix.close(fd);
    return locked || readsWellNow(file);
  }

  private static boolean readsWellNow(Path file) throws IOException {
    try {
      var unused = ExperimentMessage.read(content(file));
      return true;
    } catch (MessageException e) {
      return false;
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /** Makes the directories that DVC expects. */
  private void prepare() throws IOException {
    for (Path directory : List.of(in, processed, broker.resolve("control"))) {
      Files.createDirectories(directory);
    }
    Files.createDirectories(broker.resolveSibling("result"));
  }

  /** Lets a message wait; nobody sees half of it. */
  public void publish(ExperimentMessage message) throws IOException {
    prepare();
    long uptime = TimeUnit.NANOSECONDS.toMillis(System.nanoTime()); // Python's monotonic()
    String name = "%d_%s%s".formatted(uptime, UUID.randomUUID(), QUEUE);
    Path beside = broker.resolve("new-" + name.replace(QUEUE, ""));
    AtomicFile.replace(beside, message.write(), UMASK);
    move(beside, in.resolve(name));
  }

  /**
   * Takes a message that waits, or that a worker of DVC's had who is gone.
   *
   * @return false if another was faster
   */
  public boolean take(Held held) throws IOException {
    prepare();
    return move(held.file(), processed.resolve(plainName(held.file()) + TAKEN));
  }

  /** Lets a message wait again that was taken here; returns false if it has been removed. */
  public boolean putBack(Held held) throws IOException {
    return move(held.file(), in.resolve(plainName(held.file())));
  }

  private static boolean move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Removes a message; returns false if it is not there any more. */
  public boolean remove(Held held) throws IOException {
    return Files.deleteIfExists(held.file());
  }
}
