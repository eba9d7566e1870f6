package io.revfs.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.command.Conversation;
import io.revfs.command.Invocation;
import io.revfs.command.PastMounts;
import io.revfs.command.experiment.live.LiveWatch;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.text.PythonJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What experiments reach as they run, as server-sent events: {@code metrics} with an experiment's
 * step and values, {@code system} with the machine's load, {@code ended}.
 */
final class LiveRoutes {
  List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/v1/experiments/events",
            "Follow the experiments of a project; server-sent events",
            List.of("directory"),
            this::follow));
  }

  private void follow(Exchange exchange) throws IOException {
    Path directory = Path.of(exchange.required("directory")).normalize();
    Invocation.Caller caller =
        new Invocation.Caller(
            directory, Map.of("PATH", System.getenv().getOrDefault("PATH", "")), false, 022);
    Invocation call = PastMounts.call(caller, JsonNodeFactory.instance.objectNode(), new Silent());
    try (ExperimentSession session = ExperimentSession.open(call)) {
      Exchange.Body body = exchange.stream("text/event-stream");
      Thread thread = Thread.currentThread();
      try (AutoCloseable watch = exchange.onGone(thread::interrupt)) {
        LiveWatch.of(session)
            .follow(
                events -> {
                  for (LiveWatch.Event event : events) {
                    body.write(text(event).getBytes(StandardCharsets.UTF_8));
                  }
                  body.flush();
                  return true;
                });
      } catch (IOException e) {
        throw e;
      } catch (Exception e) { // of closing the watch, as its type says; it throws none
        throw new IOException(e);
      }
    }
  }

  private static String text(LiveWatch.Event event) {
    return "event: %s\ndata: %s\n\n".formatted(event.type(), PythonJson.inOrder(event.data()));
  }

  /** Nobody is told anything, and nobody can be asked. */
  private static final class Silent implements Conversation {
    @Override
    public void send(String name, Object content) {}

    @Override
    public JsonNode ask(String name, Object content) {
      return JsonNodeFactory.instance.missingNode();
    }
  }
}
