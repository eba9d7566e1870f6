package io.revfs.plot;

import java.io.IOException;

/** What one file says at one revision. */
sealed interface PlotSource {
  /** Lists and maps, as they were written. */
  record Values(Object content) implements PlotSource {}

  /** The bytes of a picture. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Picture(byte[] bytes) implements PlotSource {}

  /** It says nothing. */
  record Nothing() implements PlotSource {}

  /** It could not be read. */
  record Failed(IOException reason) implements PlotSource {}
}
