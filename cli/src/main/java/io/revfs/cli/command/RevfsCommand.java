package io.revfs.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.client.DaemonProcess;
import io.revfs.cli.terminal.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** What every command has: the common options (see {@link Options}) and a way to the daemon. */
public abstract class RevfsCommand implements Callable<Integer> {
  /** Whether the answer is to be JSON. */
  protected boolean json;

  /** Whether only what is wrong is to be said. */
  protected boolean quiet;

  /** How much more than usual is to be said: the number of {@code -v}. */
  protected int verbosity;

  protected final Output output = new Output();

  @Override
  public final Integer call() throws IOException {
    int exit = run();
    output.flush();
    return exit;
  }

  /** Returns how the command is called. */
  public CommandSpec spec() {
    return CommandSpec.forAnnotatedObject(this);
  }

  /** Does the work; returns the exit code. */
  protected abstract int run() throws IOException;

  /** Connects to the daemon, starting it if need be. */
  protected Client daemon() throws IOException {
    DaemonProcess process = new DaemonProcess(false);
    Client client = process.connect();
    if (verbosity > 0) {
      System.err.println("socket " + process.directories().socket());
      client.tellRequests(verbosity > 1);
    }
    return client;
  }

  /** Writes JSON if that is wanted; returns whether it was. */
  protected boolean asJson(JsonNode node) {
    if (json) {
      output.json(node);
    }
    return json;
  }

  /** Says something to a person, unless {@code --quiet} is given. */
  protected void say(String text) {
    if (!quiet) {
      output.line(text);
    }
  }

  /** Says on standard error what may be wrong. */
  protected void warn(String text) {
    System.err.println("WARNING: " + text);
  }

  /** Returns what a daemon elsewhere on the machine understands: a URL or an absolute path. */
  protected static String location(String given) {
    boolean url = given.contains("://") || given.matches("[\\w.-]+@[\\w.-]+:.*");
    return url ? given : absolute(given);
  }

  /** Returns a path as the daemon understands it, which has another working directory. */
  protected static String absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize().toString();
  }
}
