package io.revfs.remote;

import java.util.regex.Pattern;

/** Takes credentials out of what people see. */
public final class Redaction {
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s]*@");
  private static final Pattern SECRETS =
      Pattern.compile(
          "(?i)((?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|token|password|secret|sig)=)[^&\\s]+");

  private Redaction() {}

  /** Returns a URL (or a text with URLs in it) without user names, passwords, signatures. */
  public static String url(String url) {
    return SECRETS.matcher(USER_INFO.matcher(url).replaceAll("")).replaceAll("$1***");
  }

  /** Returns a failure's message without credentials. */
  public static String message(Throwable failure) {
    String text = failure.getMessage();
    return url(text == null ? failure.getClass().getSimpleName() : text);
  }
}
