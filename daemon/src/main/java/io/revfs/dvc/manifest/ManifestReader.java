package io.revfs.dvc.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.OutputPaths;
import io.revfs.object.Digest;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code .dir} manifests: JSON arrays of {@code {"md5", "relpath"}}, one entry after the
 * other in bounded memory. Further keys, which old and cloud-versioned data have, are taken or
 * passed over.
 */
public final class ManifestReader {
  private static final JsonFactory JSON = new JsonFactory();

  private ManifestReader() {}

  /** Takes entries in the file's order. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes one.
     *
     * @param path relative to the directory, validated
     * @param hex the MD5's digits
     * @param size in bytes, -1 if not stated
     */
    void accept(String path, String hex, long size, boolean executable) throws IOException;
  }

  /**
   * Passes all entries.
   *
   * @param file the manifest's name for messages
   * @throws DvcFormatException if it is no manifest; the sink has had a part of it then
   */
  public static void read(InputStream in, String file, Sink sink) throws IOException {
    try (JsonParser json = JSON.createParser(in)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw at(json, file, "a list is expected");
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
          throw at(json, file, "an entry must be an object");
        }
        entry(json, file, sink);
      }
      if (json.nextToken() != null) {
        throw at(json, file, "something follows the list");
      }
    } catch (JsonParseException | StreamConstraintsException e) {
      throw new DvcFormatException(
          file, e.getLocation().getLineNr(), "not JSON: " + e.getOriginalMessage());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new DvcFormatException(file, 0, "not JSON: " + e.getOriginalMessage());
    }
  }

  private static void entry(JsonParser json, String file, Sink sink) throws IOException {
    @Nullable String path = null;
    @Nullable String hex = null;
    long size = -1;
    boolean executable = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      switch (key) {
        case "relpath" -> path = text(json, value, file, key);
        case "md5" -> hex = text(json, value, file, key);
        case "size" -> size = value == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
        case "isexec" -> executable = value == JsonToken.VALUE_TRUE;
        default -> json.skipChildren();
      }
    }
    if (path == null || hex == null) {
      throw at(json, file, "an entry lacks 'relpath' or 'md5'");
    }
    if (hex.length() != 2 * Digest.Algorithm.MD5.bytes() || !isHex(hex)) {
      throw at(json, file, "'" + hex + "' is no MD5");
    }
    OutputPaths.checkRelative(path, file, json.currentLocation().getLineNr());
    sink.accept(path, hex, Math.max(-1, size), executable);
  }

  private static boolean isHex(String hex) {
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static String text(JsonParser json, JsonToken value, String file, String key)
      throws IOException {
    if (value != JsonToken.VALUE_STRING) {
      throw at(json, file, "'" + key + "' must be text");
    }
    return json.getText();
  }

  private static DvcFormatException at(JsonParser json, String file, String what) {
    return new DvcFormatException(file, json.currentLocation().getLineNr(), what);
  }
}
