package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What DVC does with its queue, done by real Celery, Kombu and pickle in Python. */
public final class DvcSide {
  /** Debian's Python, which has Debian's Celery; others of that name have not. */
  private static final String PYTHON = "/usr/bin/python3";

  private final Path script;
  private final Path project;

  /** {@code directory} is for its script. */
  public DvcSide(Path directory, Path project) throws IOException {
    this.script = directory.resolve("dvc_side.py");
    this.project = project;
    try (InputStream in = DvcSide.class.getResourceAsStream("/queue/dvc_side.py")) {
      Files.write(script, in.readAllBytes());
    }
  }

  private ProcessBuilder command(List<String> words) {
    List<String> all = new ArrayList<>(List.of(PYTHON, script.toString()));
    all.addAll(words);
    return new ProcessBuilder(all).directory(project.toFile());
  }

  /** Runs one of its commands, which must go well; returns what it printed. */
  public String run(String input, String... words) throws IOException {
    Path err = Files.createTempFile(script.getParent(), "err", "");
    Process process = command(List.of(words)).redirectError(err.toFile()).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.onExit().join().exitValue();
    assertEquals(0, exit, () -> List.of(words) + out + io.revfs.fuse.Shell.contents(err));
    return out.strip();
  }

  /** Queues experiments; the number at the end of each name is its parameter. */
  public void put(List<String> names) throws IOException {
    List<String> words = new ArrayList<>(List.of("put", project.toString()));
    words.addAll(names);
    String unused = run("", words.toArray(String[]::new));
  }

  /** Returns the names of the experiments that DVC would show as of a status. */
  public Set<String> names(String status) throws IOException {
    JsonNode all = new ObjectMapper().readTree(run("", "status", project.toString()));
    Set<String> names = new TreeSet<>();
    all.path(status).forEach(name -> names.add(name.asText()));
    return names;
  }

  private List<String> worker(String how) {
    return List.of(
        "exp", "queue-worker", "dvc-exp-" + hash() + "-1@localhost", project.toString(), how);
  }

  private String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String celery = project.resolve(".dvc/tmp/exps/celery").toString();
      byte[] hash = digest.digest(celery.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs all that waits by a worker of Celery. */
  public void work() throws IOException {
    String unused = run("", worker("worker").toArray(String[]::new));
  }

  /** Starts to run what waits by Kombu; returns when it has begun to listen. */
  public Process consume(String secondsEach, Path log) throws IOException {
    Process process = command(worker(secondsEach)).redirectError(log.toFile()).start();
    int ready = process.getInputStream().read();
    assertEquals('r', ready, () -> io.revfs.fuse.Shell.contents(log));
    return process;
  }
}
