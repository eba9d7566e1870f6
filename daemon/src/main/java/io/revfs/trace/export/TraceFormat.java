package io.revfs.trace.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceJson;
import java.util.Locale;
import java.util.Optional;

/** The formats in which a trace can be had. */
public enum TraceFormat {
  /** Our own: all of it. */
  JSON,
  /** {@link OpenLineage}. */
  OPENLINEAGE,
  /** {@link Prov}. */
  PROV;

  /** Returns the format of a word; empty if it is none. */
  public static Optional<TraceFormat> ofWord(String word) {
    for (TraceFormat format : values()) {
      if (format.name().toLowerCase(Locale.ROOT).equals(word)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** Returns a trace in this format. */
  public JsonNode write(Trace trace) {
    return switch (this) {
      case JSON -> TraceJson.write(trace);
      case OPENLINEAGE -> OpenLineage.of(trace);
      case PROV -> Prov.of(trace);
    };
  }
}
