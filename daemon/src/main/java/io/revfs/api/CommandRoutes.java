package io.revfs.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Commands;
import io.revfs.command.Conversation;
import io.revfs.command.Invocation;
import io.revfs.command.PastMounts;
import io.revfs.git.GitCommand;
import io.revfs.reach.Covered;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DVC's commands. The answer is lines of JSON, each an object with one key: {@code out}, {@code
 * warn}, {@code progress}, {@code result}, what the caller is to answer ({@code ask} and others,
 * with an id), and at the end {@code error} or {@code exit}. A caller that hangs up interrupts its
 * command.
 */
final class CommandRoutes {
  private static final Logger log = LoggerFactory.getLogger(CommandRoutes.class);
  private static final int USUAL_UMASK = 022;

  private final Commands commands;
  private final Map<String, CompletableFuture<JsonNode>> questions = new ConcurrentHashMap<>();

  CommandRoutes(Commands commands) {
    this.commands = commands;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            "GET", "/v1/dvc", "Name the commands of DVC that there are", List.of(), this::names),
        new Route(
            "POST",
            "/v1/dvc",
            "Run a command of DVC; what it says as lines of JSON",
            List.of("command", "arguments", "directory", "environment", "interactive", "umask"),
            this::run),
        new Route(
            "POST",
            "/v1/dvc/answers",
            "Answer what a running command asks",
            List.of("id", "answer"),
            this::answer));
  }

  private void names(Exchange exchange) throws IOException {
    exchange.json(commands.names());
  }

  private void run(Exchange exchange) throws IOException {
    String name = exchange.required("command");
    Command command =
        commands
            .named(name)
            .orElseThrow(
                () ->
                    new ApiException(
                        404,
                        "no-command",
                        "this daemon has no command '" + name + "'",
                        "see what there is: dvc --help; of another version: revfs daemon restart",
                        CommandFailure.OTHER));
    Invocation.Caller caller =
        new Invocation.Caller(
            Path.of(exchange.required("directory")).normalize(),
            exchange.texts("environment"),
            exchange.flag("interactive"),
            Math.toIntExact(exchange.number("umask").orElse((long) USUAL_UMASK)));
    Talk talk = new Talk(exchange.stream("application/x-ndjson"));
    JsonNode given = exchange.node("arguments");
    JsonNode arguments = given.isObject() ? given : JsonNodeFactory.instance.objectNode();
    Optional<Covered> covered = PastMounts.find(caller.directory());
    Conversation told =
        covered.isPresent() ? PastMounts.conversation(name, covered.get(), talk) : talk;
    Invocation call =
        covered.isPresent()
            ? PastMounts.call(caller, arguments, told)
            : new Invocation(caller, arguments, told);
    Thread thread = Thread.currentThread();
    AutoCloseable watch = exchange.onGone(thread::interrupt);
    try {
      GitCommand.as(caller.environment(), () -> command.run(call));
      told.send("exit", call.exit());
    } catch (IOException | RuntimeException | Error e) {
      told.send("error", error(name, e));
    } finally {
      close(watch);
    }
    talk.end();
  }

  private static void close(AutoCloseable watch) throws IOException {
    try {
      watch.close();
    } catch (Exception e) { // as AutoCloseable's type says
      throw new IOException(e);
    }
  }

  private static Map<String, Object> error(String name, Throwable t) {
    ApiException failure = Errors.ofCommand(name, t);
    if (failure.code().equals("internal")) {
      log.error("{} failed", name, t);
    } else {
      log.debug("{}", name, t);
    }
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("message", String.valueOf(failure.getMessage()));
    error.put("hint", failure.hint());
    error.put("exit", failure.exit());
    return error;
  }

  private void answer(Exchange exchange) throws IOException {
    CompletableFuture<JsonNode> question = questions.get(exchange.required("id"));
    if (question == null) {
      throw new ApiException(
          404, "no-question", "nobody waits for this answer", "", CommandFailure.OTHER);
    }
    question.complete(exchange.node("answer"));
    exchange.json(Map.of());
  }

  /** The way to the one who called. */
  private final class Talk implements Conversation {
    private static final long FLUSH_NANOSECONDS = 50_000_000;

    private final Exchange.Body body;
    private long flushed = System.nanoTime() - FLUSH_NANOSECONDS;
    private boolean gone;

    Talk(Exchange.Body body) {
      this.body = body;
    }

    /** Lines of text leave in groups where they come fast; all else leaves at once. */
    @Override
    public synchronized void send(String name, Object content) {
      if (gone) {
        return;
      }
      try {
        body.line(Map.of(name, content));
        boolean text = name.equals("out") || name.equals("item") || name.equals("result");
        if (!text || System.nanoTime() - flushed > FLUSH_NANOSECONDS) {
          body.flush();
          flushed = System.nanoTime();
        }
      } catch (IOException e) {
        gone = true;
      }
    }

    @Override
    public JsonNode ask(String name, Object content) throws IOException {
      String id = UUID.randomUUID().toString();
      CompletableFuture<JsonNode> question = new CompletableFuture<>();
      questions.put(id, question);
      try {
        send(name, Map.of("id", id, "content", content));
        return question.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (ExecutionException e) {
        throw new IOException(e);
      } finally {
        questions.remove(id);
      }
    }

    synchronized void end() throws IOException {
      if (!gone) {
        body.end();
      }
    }
  }
}
