package io.revfs.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import io.revfs.trace.TraceStore;
import io.revfs.trace.export.TraceFormat;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What is known of recorded runs; recording one is a command. */
final class TraceRoutes {
  private final TraceStore store;

  TraceRoutes(TraceStore store) {
    this.store = store;
  }

  List<Route> routes() {
    return List.of(
        new Route("GET", "/v1/traces", "List recorded runs", List.of("root"), this::list),
        new Route("GET", "/v1/trace", "Show what a run did", List.of("run", "format"), this::show));
  }

  private void list(Exchange exchange) throws IOException {
    ArrayNode runs = Exchange.JSON.createArrayNode();
    store.list(exchange.optional("root").orElse("")).forEach(run -> runs.add(TraceJson.write(run)));
    exchange.json(Map.of("traces", runs));
  }

  private void show(Exchange exchange) throws IOException {
    String run = exchange.required("run");
    String word = exchange.optional("format").orElse("json");
    TraceFormat format =
        TraceFormat.ofWord(word)
            .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is no format"));
    Trace trace =
        store
            .get(run)
            .orElseThrow(
                () ->
                    new ApiException(
                        404, "unknown-run", "there is no run " + run, "see: revfs trace list", 1));
    JsonNode json = format.write(trace);
    exchange.json(json);
  }
}
