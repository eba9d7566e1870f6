package io.revfs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Shell;
import io.revfs.testing.DaemonCalls;
import io.revfs.testing.TestDaemon;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random commands against a plain model: what is in the work tree, what the {@code .dvc} files say,
 * what each branch has, and which objects are in the cache and on the remote. All of it is compared
 * after every step. {@code -Drevfs.seed} repeats a walk, {@code -Drevfs.steps} sets its length.
 */
class RandomWalkTest {
  private static final int STEPS = Integer.getInteger("revfs.steps", 1000);
  private static final int NAMES = 6;
  private static final int TEXTS = 12; // few, so that contents meet again
  private static final int BRANCHES = 4;

  @TempDir Path directory;
  private Path repo;
  private Path remote;
  private DaemonCalls dvc;
  private final long seed = Long.getLong("revfs.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<String> done = new ArrayList<>();

  private final SortedMap<String, Content> work = new TreeMap<>();
  private final SortedMap<String, Content> tracked = new TreeMap<>();
  private final Map<String, SortedMap<String, Content>> branches = new HashMap<>();
  private String branch = "main";
  private final Set<String> cache = new TreeSet<>();
  private final Set<String> store = new TreeSet<>();

  /** A file under the name "", or a directory's files by their paths. */
  private record Content(SortedMap<String, String> files) {
    boolean isFile() {
      return files.containsKey("");
    }

    private static String digest(String text) {
      return TestData.md5(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The objects that hold it, as DVC names them. */
    Set<String> objects() {
      Set<String> objects = new TreeSet<>();
      StringBuilder manifest = new StringBuilder();
      files.forEach(
          (path, text) -> {
            objects.add(digest(text));
            manifest
                .append(manifest.isEmpty() ? "" : ", ")
                .append("{\"md5\": \"%s\", \"relpath\": \"%s\"}".formatted(digest(text), path));
          });
      if (!isFile()) {
        objects.add(digest("[" + manifest + "]") + ".dir");
      }
      return objects;
    }
  }

  private interface Step {
    /** Returns whether it could be done at all. */
    boolean run() throws IOException;
  }

  @Test
  void walk() throws IOException {
    repo = Files.createDirectories(directory.resolve("repo"));
    remote = Files.createDirectories(directory.resolve("remote"));
    TestDaemon daemon = TestDaemon.start(directory.resolve("daemon"), "");
    dvc = new DaemonCalls(daemon, repo);
    Map<String, Step> steps = new LinkedHashMap<>();
    steps.put("add", this::add);
    steps.put("change", this::change);
    steps.put("delete", this::delete);
    steps.put("commit", this::commit);
    steps.put("restore", this::restore);
    steps.put("move", this::move);
    steps.put("remove", this::remove);
    steps.put("branch", this::newBranch);
    steps.put("switch", this::switchBranch);
    steps.put("push", this::push);
    steps.put("pull", this::pull);
    steps.put("gc", this::collect);
    List<String> names = List.copyOf(steps.keySet());
    try (TestDaemon running = daemon) {
      git("init -q -b main");
      ok("init");
      ok("remote add", "name", "r", "url", remote.toString(), "default", true);
      commitToGit();
      while (done.size() < STEPS) {
        String name = names.get(random.nextInt(names.size()));
        done.add(name);
        if (steps.get(name).run()) {
          compare();
        } else {
          done.removeLast();
        }
      }
      assertEquals("[]", running.get("/v1/status").json().get("errors").toString());
    }
  }

  private String where() {
    int from = Math.max(0, done.size() - 12);
    return "seed %d, step %d: %s".formatted(seed, done.size(), done.subList(from, done.size()));
  }

  private void git(String arguments) throws IOException {
    Shell.Result result =
        Shell.run(repo, "git -c user.name=walk -c user.email=walk@localhost " + arguments);
    assertEquals(0, result.exit(), () -> where() + " git " + arguments + ": " + result.output());
  }

  private JsonNode run(String command, Object... pairs) throws IOException {
    if (!done.isEmpty()) {
      done.set(done.size() - 1, command + " " + Arrays.deepToString(pairs));
    }
    return dvc.answer(command, pairs);
  }

  private void ok(String command, Object... pairs) throws IOException {
    JsonNode answer = run(command, pairs);
    assertEquals(0, answer.path("exit").asInt(-1), () -> where() + ": " + answer);
  }

  private String any(Set<String> names) {
    return List.copyOf(names).get(random.nextInt(names.size()));
  }

  private String text() {
    int n = random.nextInt(TEXTS);
    return n == 0 ? "" : ("text " + n + "\n").repeat(n);
  }

  private Content content(String name) {
    SortedMap<String, String> files = new TreeMap<>();
    if (name.startsWith("f")) {
      files.put("", text());
    } else {
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        files.put((random.nextBoolean() ? "sub/" : "") + "x" + random.nextInt(5), text());
      }
    }
    return new Content(files);
  }

  /** Makes the work tree's copy what a content says, all files anew. */
  private void write(String name, Content content) throws IOException {
    erase(name);
    for (var file : content.files().entrySet()) {
      Path at =
          file.getKey().isEmpty() ? repo.resolve(name) : repo.resolve(name + "/" + file.getKey());
      Files.createDirectories(at.getParent());
      Files.writeString(at, file.getValue());
    }
    work.put(name, content);
  }

  private void erase(String name) throws IOException {
    Shell.run(repo, "rm -rf " + name);
    work.remove(name);
  }

  private boolean add() throws IOException {
    String name = (random.nextBoolean() ? "f" : "d") + random.nextInt(NAMES);
    if (!work.containsKey(name) || random.nextBoolean()) {
      write(name, content(name));
    }
    ok("add", "targets", List.of(name));
    record(name);
    return true;
  }

  private void record(String name) {
    tracked.put(name, work.get(name));
    cache.addAll(work.get(name).objects());
  }

  private boolean change() throws IOException {
    if (work.isEmpty()) {
      return false;
    }
    String name = any(work.keySet());
    if (work.get(name).isFile() || random.nextBoolean()) {
      write(name, content(name));
      return true;
    }
    SortedMap<String, String> files = new TreeMap<>(work.get(name).files());
    String file = any(files.keySet());
    if (random.nextBoolean() && files.size() > 1) {
      files.remove(file);
      Files.delete(repo.resolve(name).resolve(file));
      Shell.run(repo, "find %s -mindepth 1 -type d -empty -delete".formatted(name));
    } else {
      files.put(file, text());
      Files.delete(repo.resolve(name).resolve(file));
      Files.writeString(repo.resolve(name).resolve(file), files.get(file));
    }
    work.put(name, new Content(files));
    return true;
  }

  private boolean delete() throws IOException {
    if (work.isEmpty()) {
      return false;
    }
    erase(any(work.keySet()));
    return true;
  }

  private boolean commit() throws IOException {
    if (work.isEmpty()) {
      return false;
    }
    String name = any(work.keySet());
    ok("commit", "targets", List.of(name + ".dvc"), "force", true);
    record(name);
    return true;
  }

  private boolean restore() throws IOException {
    if (tracked.isEmpty()) {
      return false;
    }
    String name = any(tracked.keySet());
    if (!cache.containsAll(tracked.get(name).objects())) {
      return false;
    }
    ok("checkout", "targets", List.of(name + ".dvc"), "force", true);
    work.put(name, tracked.get(name));
    return true;
  }

  private boolean move() throws IOException {
    if (tracked.isEmpty()) {
      return false;
    }
    String from = any(tracked.keySet());
    String to = from.substring(0, 1) + random.nextInt(NAMES);
    if (tracked.containsKey(to) || !tracked.get(from).equals(work.get(from))) {
      return false;
    }
    ok("move", "src", from, "dst", to);
    work.put(to, work.remove(from));
    tracked.put(to, tracked.remove(from));
    return true;
  }

  private boolean remove() throws IOException {
    if (tracked.isEmpty()) {
      return false;
    }
    String name = any(tracked.keySet());
    boolean outputs = random.nextBoolean();
    ok("remove", "targets", List.of(name + ".dvc"), "outs", outputs);
    tracked.remove(name);
    if (outputs) {
      work.remove(name);
    } else {
      compareWork();
      erase(name);
    }
    return true;
  }

  private void commitToGit() throws IOException {
    git("add -A");
    git("commit -q --allow-empty -m walk");
    branches.put(branch, new TreeMap<>(tracked));
  }

  private boolean newBranch() throws IOException {
    commitToGit();
    if (branches.size() < BRANCHES) {
      branch = "b" + branches.size();
      git("checkout -q -b " + branch);
      branches.put(branch, new TreeMap<>(tracked));
    }
    return true;
  }

  private boolean switchBranch() throws IOException {
    String to = any(branches.keySet());
    if (!cache.containsAll(objects(List.of(branches.get(to))))) {
      return false;
    }
    commitToGit();
    git("checkout -q " + to);
    branch = to;
    ok("checkout", "force", true);
    Set<String> before = Set.copyOf(tracked.keySet());
    tracked.clear();
    tracked.putAll(branches.get(to));
    for (String name : before) {
      if (!tracked.containsKey(name)) {
        erase(name); // whether it is taken away depends on who put it there
      }
    }
    work.putAll(tracked);
    return true;
  }

  private static Set<String> objects(List<SortedMap<String, Content>> states) {
    Set<String> objects = new TreeSet<>();
    states.forEach(state -> state.values().forEach(content -> objects.addAll(content.objects())));
    return objects;
  }

  private boolean push() throws IOException {
    Set<String> needed = objects(List.of(tracked));
    if (!cache.containsAll(needed)) {
      return false;
    }
    ok("push");
    store.addAll(needed);
    return true;
  }

  private boolean pull() throws IOException {
    Set<String> needed = objects(List.of(tracked));
    Set<String> missing = new TreeSet<>(needed);
    missing.removeAll(cache);
    if (!store.containsAll(missing)) {
      return false;
    }
    ok("pull", "force", true);
    cache.addAll(needed);
    work.putAll(tracked);
    return true;
  }

  private boolean collect() throws IOException {
    boolean all = random.nextBoolean();
    boolean cloud = random.nextInt(4) == 0;
    if (all) {
      ok("gc", "all-branches", true, "cloud", cloud, "force", true);
    } else {
      ok("gc", "workspace", true, "cloud", cloud, "force", true);
    }
    List<SortedMap<String, Content>> kept = new ArrayList<>(List.of(tracked));
    if (all) {
      kept.addAll(branches.values());
    }
    Set<String> used = new TreeSet<>();
    for (SortedMap<String, Content> state : kept) {
      for (Content content : state.values()) {
        used.addAll(known(content));
      }
    }
    cache.retainAll(used);
    if (cloud) {
      store.retainAll(used);
    }
    return true;
  }

  /** What is known of a content's objects; a directory's list comes from the remote if need be. */
  private Set<String> known(Content content) {
    Set<String> objects = content.objects();
    if (content.isFile()) {
      return objects;
    }
    String list = objects.stream().filter(name -> name.endsWith(".dir")).findFirst().orElseThrow();
    if (store.contains(list)) {
      cache.add(list);
    }
    return cache.contains(list) ? objects : Set.of(list);
  }

  private void compare() throws IOException {
    compareWork();
    assertEquals(cache, objectsIn(repo.resolve(".dvc/cache/files/md5")), this::where);
    assertEquals(store, objectsIn(remote.resolve("files/md5")), this::where);
    String doing = done.getLast();
    JsonNode status = run("status", "json", true);
    done.set(done.size() - 1, doing);
    Set<String> changed = new TreeSet<>();
    status.path("result").fieldNames().forEachRemaining(changed::add);
    Set<String> expected = new TreeSet<>();
    tracked.forEach(
        (name, content) -> {
          if (!content.equals(work.get(name)) || !cache.containsAll(content.objects())) {
            expected.add(name + ".dvc");
          }
        });
    assertEquals(expected, changed, () -> where() + " " + status);
  }

  private void compareWork() throws IOException {
    SortedMap<String, String> expected = new TreeMap<>();
    work.forEach(
        (name, content) ->
            content
                .files()
                .forEach(
                    (path, text) -> expected.put(path.isEmpty() ? name : name + "/" + path, text)));
    SortedMap<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(repo)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        String path = repo.relativize(file).toString();
        if (path.matches("[fd]\\d(/.*)?")) {
          found.put(path, Files.readString(file));
        }
      }
    }
    assertEquals(expected, found, this::where);
    Set<String> pointers = new TreeSet<>();
    tracked.keySet().forEach(name -> pointers.add(name + ".dvc"));
    try (Stream<Path> entries = Files.list(repo)) {
      assertEquals(
          pointers,
          new TreeSet<>(
              entries
                  .map(entry -> entry.getFileName().toString())
                  .filter(name -> name.endsWith(".dvc") && !name.equals(".dvc"))
                  .toList()),
          this::where);
    }
  }

  private static Set<String> objectsIn(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return Set.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return new TreeSet<>(
          all.filter(Files::isRegularFile)
              .map(file -> directory.relativize(file).toString().replace("/", ""))
              .toList());
    }
  }
}
