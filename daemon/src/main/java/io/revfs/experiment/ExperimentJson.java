package io.revfs.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of {@code exp show}, which the VS Code extension reads. It is passed on in pieces, as
 * text: a thousand experiments are many megabytes, most of which was made long before.
 */
public final class ExperimentJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PIECE = 64 << 10;

  private final ZoneId zone;
  private final Consumer<String> sink;
  private final StringBuilder text = new StringBuilder();

  /**
   * @param zone of the times
   * @param sink takes the pieces in order
   */
  public ExperimentJson(ZoneId zone, Consumer<String> sink) {
    this.zone = zone;
    this.sink = sink;
  }

  /** Writes all rows. */
  public void write(Iterable<BaselineRow> rows) {
    text.append('[');
    String separator = "";
    for (BaselineRow row : rows) {
      text.append(separator);
      begin(row.state());
      if (row.experiments().isEmpty()) {
        text.append("null");
      } else {
        String next = "[";
        for (ExperimentRow experiment : row.experiments()) {
          text.append(next);
          write(experiment);
          next = ",";
        }
        text.append(']');
      }
      text.append('}');
      separator = ",";
      flush(PIECE);
    }
    text.append(']');
    flush(0);
  }

  private void write(ExperimentRow row) {
    text.append("{\"revs\":[");
    begin(row.state());
    text.append("null}],\"executor\":");
    value(row.executor().map(ExperimentRow.Executor::json).orElse(null));
    text.append(",\"name\":");
    value(row.name());
    text.append('}');
    flush(PIECE);
  }

  /** Writes a state up to the value of {@code experiments}, which the caller writes. */
  private void begin(ExperimentState state) {
    text.append("{\"rev\":");
    value(state.revision());
    text.append(",\"name\":");
    value(state.name().orElse(null));
    text.append(",\"data\":");
    if (state.values().isPresent()) {
      text.append("{\"rev\":");
      value(state.revision());
      text.append(",\"timestamp\":");
      value(
          state
              .time()
              .map(time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time.atZone(zone)))
              .orElse(null));
      text.append(',').append(state.values().get().members()).append(",\"meta\":{}}");
    } else {
      text.append("null");
    }
    text.append(",\"error\":");
    value(state.error().orElse(null));
    text.append(",\"experiments\":");
  }

  private void value(@Nullable Object value) {
    try {
      text.append(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // maps, texts and numbers
    }
  }

  private void flush(int least) {
    if (text.length() > least) {
      sink.accept(text.toString());
      text.setLength(0);
    }
  }
}
