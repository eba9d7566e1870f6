package io.revfs.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The description and the routes say the same. */
class OpenApiTest {
  @Test
  void everyRouteIsDescribed_andNothingElse() throws Exception {
    JsonNode document =
        Exchange.JSON.readTree(OpenApiTest.class.getResourceAsStream("openapi.json"));
    Map<String, String> described = new TreeMap<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        operation ->
                            described.put(
                                operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                parameters(operation.getValue())
                                    + operation.getValue().get("summary").asText())));
    Map<String, String> served = new TreeMap<>();
    // The parts are needed only when a request comes.
    for (Route route :
        new Api(null, null, null, null, null, null, Map::of, () -> {}, command -> false).routes()) {
      served.put(
          route.method() + " " + route.path(), new TreeSet<>(route.parameters()) + route.summary());
    }
    assertEquals(served, described);
  }

  private static TreeSet<String> parameters(JsonNode operation) {
    TreeSet<String> names = new TreeSet<>();
    operation.path("parameters").forEach(parameter -> names.add(parameter.get("name").asText()));
    operation
        .at("/requestBody/content/application~1json/schema/properties")
        .fieldNames()
        .forEachRemaining(names::add);
    return names;
  }
}
