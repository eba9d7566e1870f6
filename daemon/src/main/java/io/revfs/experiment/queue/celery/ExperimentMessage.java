package io.revfs.experiment.queue.celery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.dvc.pipeline.PythonText;
import io.revfs.text.PythonJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message that asks for an experiment to be run, as Celery (protocol 2) and Kombu write it.
 *
 * @param task the id by which its result is known
 * @param copies what is copied from the work tree beside what Git tracks
 * @param message of the experiment's commit; null for the usual one
 */
public record ExperimentMessage(
    String task, QueueEntry entry, List<String> copies, @Nullable String message) {
  private static final String RUN = "dvc.repo.experiments.queue.tasks.run_exp";
  private static final String DEFAULT_QUEUE = "celery";
  private static final String BASE64 = "base64";
  private static final int PERSISTENT = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  public ExperimentMessage {
    copies = List.copyOf(copies);
  }

  /**
   * Reads a message.
   *
   * @return empty if it is about something else
   * @throws MessageException if it is none, or asks for what cannot be understood
   */
  static Optional<ExperimentMessage> read(byte[] content) throws IOException {
    JsonNode payload = json(content);
    JsonNode headers = payload.path("headers");
    if (!payload.isObject() || !headers.isObject()) {
      throw new MessageException("it is no message of Celery");
    }
    if (!headers.path("task").asText().equals(RUN)) {
      return Optional.empty();
    }
    String task = headers.path("id").asText("");
    if (task.isEmpty() || task.indexOf('/') >= 0 || task.indexOf('\0') >= 0) {
      throw new MessageException("its task has no id");
    }
    JsonNode body = json(body(payload));
    JsonNode named = body.path(1);
    JsonNode entry =
        named.path("entry_dict").isObject() ? named.path("entry_dict") : body.path(0).path(0);
    List<String> copies = new ArrayList<>();
    named.path("copy_paths").forEach(path -> copies.add(path.asText()));
    return Optional.of(
        new ExperimentMessage(
            task,
            QueueEntry.read(entry),
            copies,
            named.hasNonNull("message") ? named.path("message").asText() : null));
  }

  private static byte[] body(JsonNode payload) throws MessageException {
    String body = payload.path("body").asText("");
    if (!payload.at("/properties/body_encoding").asText().equals(BASE64)) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      throw new MessageException("its body is not what it says");
    }
  }

  private static JsonNode json(byte[] content) throws IOException {
    try {
      return JSON.readTree(content);
    } catch (JsonProcessingException e) {
      throw new MessageException("it is not JSON");
    }
  }

  /** Returns a message of a new task. */
  public static ExperimentMessage of(
      QueueEntry entry, List<String> copies, @Nullable String message) {
    return new ExperimentMessage(UUID.randomUUID().toString(), entry, copies, message);
  }

  /** Returns its text. */
  byte[] write() {
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    named.put("copy_paths", copies.isEmpty() ? null : copies);
    named.put("message", message);
    Map<String, @Nullable Object> payload = new LinkedHashMap<>();
    String body =
        PythonJson.inOrder(
            Arrays.asList(
                List.of(entry.write()), named, nothing("callbacks", "errbacks", "chain", "chord")));
    payload.put("body", Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)));
    payload.put("content-encoding", "utf-8");
    payload.put("content-type", "application/json");
    payload.put("headers", headers(named));
    payload.put("properties", properties());
    return PythonJson.inOrder(payload).getBytes(StandardCharsets.UTF_8);
  }

  private Map<String, @Nullable Object> headers(Map<String, @Nullable Object> named) {
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    headers.put("lang", "py");
    headers.put("task", RUN);
    headers.put("id", task);
    headers.putAll(nothing("shadow", "eta", "expires", "group", "group_index"));
    headers.put("retries", 0);
    headers.put("timelimit", Arrays.asList(null, null));
    headers.put("root_id", task);
    headers.put("parent_id", null);
    headers.put("argsrepr", "(" + PythonText.repr(entry.write()) + ",)");
    headers.put("kwargsrepr", PythonText.repr(named));
    headers.put("origin", "gen%d@revfs".formatted(ProcessHandle.current().pid()));
    headers.put("ignore_result", false);
    return headers;
  }

  private Map<String, @Nullable Object> properties() {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    properties.put("correlation_id", task);
    properties.put("reply_to", UUID.randomUUID().toString());
    properties.put("delivery_mode", PERSISTENT);
    Map<String, @Nullable Object> delivery = new LinkedHashMap<>();
    delivery.put("exchange", "");
    delivery.put("routing_key", DEFAULT_QUEUE);
    properties.put("delivery_info", delivery);
    properties.put("priority", 0);
    properties.put("body_encoding", BASE64);
    properties.put("delivery_tag", UUID.randomUUID().toString());
    return properties;
  }

  private static Map<String, @Nullable Object> nothing(String... keys) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (String key : keys) {
      map.put(key, null);
    }
    return map;
  }
}
