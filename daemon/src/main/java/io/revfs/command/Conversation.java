package io.revfs.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * The caller's end of a running command. Thread-safe. What is sent after the caller has gone is
 * dropped: the command is interrupted anyway.
 */
public interface Conversation {
  /** Sends one event, {@code name} being {@code out}, {@code warn}, {@code progress}, …. */
  void send(String name, Object content);

  /**
   * Sends an event that the caller answers, and waits for that.
   *
   * @throws java.io.InterruptedIOException if the caller has gone
   */
  JsonNode ask(String name, Object content) throws IOException;
}
