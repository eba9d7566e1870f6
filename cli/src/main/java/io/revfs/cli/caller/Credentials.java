package io.revfs.cli.caller;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Variables of a caller that hold credentials, or lead to them. */
public final class Credentials {
  /** The part of a request that has the caller's variables. */
  public static final String VARIABLES = "environment";

  /** By setting this a caller asks for them to be sent to whatever daemon answers. */
  public static final String SEND = "REVFS_SEND_CREDENTIALS";

  private static final Pattern NAMES =
      Pattern.compile(
          "(AWS|GOOGLE|GCLOUD|CLOUDSDK|AZURE|OSS|HADOOP|KRB5|GIT_CONFIG)_.*"
              + "|GIT_(ASKPASS|SSH.*)|SSH_AUTH_SOCK|.*(TOKEN|SECRET|PASSWORD).*");

  /** Their values are addresses that may do without a scheme. */
  private static final Pattern PROXIES = Pattern.compile("(?i).*_proxy");

  private Credentials() {}

  private static boolean isOne(Object name, Object value) {
    String called = String.valueOf(name);
    String text = String.valueOf(value);
    return NAMES.matcher(called).matches()
        || (text.contains("@") && (text.contains("://") || PROXIES.matcher(called).matches()));
  }

  /** Returns whether a request has any. */
  public static boolean areIn(Map<String, ?> request) {
    return request.get(VARIABLES) instanceof Map<?, ?> variables
        && variables.entrySet().stream().anyMatch(v -> isOne(v.getKey(), v.getValue()));
  }

  /** Returns a request without them. */
  public static Map<String, Object> takenFrom(Map<String, ?> request) {
    Map<String, Object> rest = new LinkedHashMap<>(request);
    if (request.get(VARIABLES) instanceof Map<?, ?> variables) {
      Map<Object, Object> kept = new LinkedHashMap<>(variables);
      kept.entrySet().removeIf(v -> isOne(v.getKey(), v.getValue()));
      rest.put(VARIABLES, kept);
    }
    return rest;
  }

  /** Returns a request as it may be shown: variables by their names. */
  public static Map<String, Object> hiddenIn(Map<String, ?> request) {
    Map<String, Object> shown = new LinkedHashMap<>(request);
    if (request.get(VARIABLES) instanceof Map<?, ?> variables) {
      shown.put(VARIABLES, variables.keySet());
    }
    return shown;
  }
}
