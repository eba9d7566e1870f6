package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** What every command has: the common options (see {@link Options}) and a way to the daemon. */
abstract class RevfsCommand implements Callable<Integer> {
  boolean json;
  boolean quiet;
  int verbosity;

  final Output output = new Output();

  @Override
  public final Integer call() throws IOException {
    int exit = run();
    output.flush();
    return exit;
  }

  /** Returns how the command is called. */
  CommandSpec spec() {
    return CommandSpec.forAnnotatedObject(this);
  }

  /** Does the work; returns the exit code. */
  abstract int run() throws IOException;

  /** Connects to the daemon, starting it if need be. */
  Client daemon() throws IOException {
    DaemonProcess process = new DaemonProcess(false);
    Client client = process.connect();
    if (verbosity > 0) {
      System.err.println("socket " + process.directories().socket());
      client.tellRequests(verbosity > 1);
    }
    return client;
  }

  /** Writes JSON if that is wanted; returns whether it was. */
  boolean asJson(JsonNode node) {
    if (json) {
      output.json(node);
    }
    return json;
  }

  void say(String text) {
    if (!quiet) {
      output.line(text);
    }
  }

  void warn(String text) {
    System.err.println("WARNING: " + text);
  }

  /** Returns what a daemon elsewhere on the machine understands: a URL or an absolute path. */
  static String location(String given) {
    boolean url = given.contains("://") || given.matches("[\\w.-]+@[\\w.-]+:.*");
    return url ? given : absolute(given);
  }

  static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }
}
