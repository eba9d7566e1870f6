package io.revfs.experiment;

import io.revfs.text.PythonJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What names an experiment by what its stages made (FORMATS, section 8). */
public final class ExperimentHash {
  private static final String PREFIX = "dvc: commit experiment ";
  private static final Pattern USUAL = Pattern.compile(PREFIX + "([0-9a-f]{64})");

  private ExperimentHash() {}

  /**
   * Returns the hash.
   *
   * @param stages entries of {@code dvc.lock} by the stage's name
   */
  public static String of(Map<String, ?> stages) {
    byte[] json = PythonJson.of(stages).getBytes(StandardCharsets.US_ASCII);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /**
   * Returns the hash that a commit's message has; that of nothing if somebody wrote the message.
   */
  public static String in(String message) {
    Matcher usual = USUAL.matcher(message.strip());
    return usual.matches() ? usual.group(1) : of(Map.of());
  }

  /** Returns the message of an experiment's commit that nobody wrote one for. */
  public static String message(Map<String, ?> stages) {
    return PREFIX + of(stages);
  }
}
