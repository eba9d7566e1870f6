package io.revfs.api;

import java.io.IOException;
import java.util.List;

/**
 * One thing that can be asked.
 *
 * @param method of HTTP
 * @param path without a query
 * @param summary one line for the description
 * @param parameters names in the query, or in the JSON body of POST
 * @param handler answers
 */
record Route(String method, String path, String summary, List<String> parameters, Handler handler) {
  /** Answers a request; may block. */
  @FunctionalInterface
  interface Handler {
    void handle(Exchange exchange) throws IOException;
  }

  /** Whether it only looks: others than the owner may look at a system daemon. */
  boolean onlyLooks() {
    return method.equals("GET");
  }
}
