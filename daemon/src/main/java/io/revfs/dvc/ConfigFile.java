package io.revfs.dvc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One configuration file: INI as ConfigObj reads it, checked against the keys that DVC knows. */
final class ConfigFile {
  static final String REMOTE_PREFIX = "remote.";
  private static final Pattern SECTION = Pattern.compile("\\[\\s*(.*?)\\s*\\]\\s*(?:#.*)?");
  private static final Pattern NAMED = Pattern.compile("(\\w+)\\s+\"(.*)\"");

  /** A value with where it stands. */
  record Value(String text, String file, int line, String directory) {}

  private static final Set<String> REMOTE_KEYS =
      Set.of(
          ("url jobs checksum_jobs worktree version_aware verify no_traverse type shared"
                  + " slow_link_warning region profile credentialpath configpath endpointurl"
                  + " access_key_id secret_access_key session_token use_ssl allow_anonymous_login"
                  + " ssl_verify sse sse_kms_key_id sse_customer_algorithm sse_customer_key acl"
                  + " grant_read grant_read_acp grant_write_acp grant_full_control cache_regions"
                  + " read_timeout connect_timeout listobjects projectname connection_string"
                  + " sas_token account_name account_key tenant_id client_id client_secret"
                  + " exclude_environment_credential exclude_visual_studio_code_credential"
                  + " exclude_shared_token_cache_credential exclude_managed_identity_credential"
                  + " timeout connection_timeout port user password ask_password passphrase"
                  + " ask_passphrase keyfile gss_auth allow_agent max_sessions kerb_ticket"
                  + " replication token kerberos kerberos_principal proxy_to use_https"
                  + " data_proxy_target auth custom_auth_header method bearer_token_command"
                  + " cert_path key_path oss_key_id oss_key_secret oss_endpoint"
                  + " gdrive_use_service_account gdrive_client_id gdrive_client_secret"
                  + " gdrive_user_credentials_file gdrive_service_account_user_email"
                  + " gdrive_service_account_json_file_path gdrive_trash_only"
                  + " gdrive_acknowledge_abuse gdrive_service_account_email"
                  + " gdrive_service_account_p12_file_path")
              .split(" "));

  private static final Map<String, Set<String>> KEYS =
      Map.ofEntries(
          keys(
              "core",
              "remote interactive analytics checksum_jobs hardlink_lock no_scm autostage"
                  + " check_update site_cache_dir machine experiments"),
          keys(
              "cache",
              "dir type shared slow_link_warning verify protected local s3 gs hdfs webhdfs ssh"
                  + " azure"),
          keys("exp", "auto_push git_remote code data models metrics params plots live"),
          keys("hydra", "enabled config_dir config_module config_name plugins_path"),
          keys("parsing", "bool list"),
          keys("plots", "html_template auto_open out_dir"),
          keys("studio", "token url repo_url offline"),
          keys("feature", "machine"),
          keys("state", "dir row_limit row_cleanup_quota"),
          keys("index", "dir"));

  private static final Set<String> NAMED_SECTIONS = Set.of("remote", "db", "machine");
  private static final Set<String> PATHS =
      Set.of(
          "keyfile",
          "credentialpath",
          "configpath",
          "cert_path",
          "key_path",
          "gdrive_user_credentials_file",
          "gdrive_service_account_json_file_path");
  private static final Set<String> BOOLEANS =
      Set.of(
          "worktree",
          "version_aware",
          "verify",
          "use_ssl",
          "allow_anonymous_login",
          "no_scm",
          "autostage",
          "hardlink_lock",
          "slow_link_warning",
          "ask_password",
          "ask_passphrase",
          "allow_agent",
          "gss_auth",
          "analytics",
          "check_update");
  private static final Set<String> NUMBERS =
      Set.of(
          "jobs",
          "checksum_jobs",
          "port",
          "read_timeout",
          "connect_timeout",
          "timeout",
          "connection_timeout",
          "max_sessions");

  private static final List<String> LINK_TYPES = List.of("reflink", "hardlink", "symlink", "copy");

  private ConfigFile() {}

  private static Map.Entry<String, Set<String>> keys(String section, String words) {
    return Map.entry(section, Set.of(words.split(" ")));
  }

  static boolean isPath(String key) {
    return PATHS.contains(key);
  }

  /** Returns sections (remotes as {@code remote.NAME}) of keys and values. */
  static Map<String, Map<String, Value>> parse(DvcConfig.Layer layer) throws DvcFormatException {
    Map<String, Map<String, Value>> sections = new LinkedHashMap<>();
    String section = "";
    List<String> lines = layer.text().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (i == 0 && line.startsWith("\uFEFF")) {
        line = line.substring(1).strip();
      }
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        section = section(layer.file(), i + 1, line);
        sections.computeIfAbsent(section, s -> new LinkedHashMap<>());
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 0 || section.isEmpty()) {
        throw new DvcFormatException(layer.file(), i + 1, "'key = value' in a section is expected");
      }
      String key = unquote(line.substring(0, equals).strip()).toLowerCase(Locale.ROOT);
      String value = value(line.substring(equals + 1).strip());
      check(layer.file(), i + 1, section, key, value);
      sections
          .getOrDefault(section, new LinkedHashMap<>())
          .put(key, new Value(value, layer.file(), i + 1, layer.directory()));
    }
    return sections;
  }

  private static String section(String file, int line, String text) throws DvcFormatException {
    Matcher matcher = SECTION.matcher(text);
    if (!matcher.matches()) {
      throw new DvcFormatException(file, line, "a section is written [name]");
    }
    String name = unquote(matcher.group(1));
    Matcher named = NAMED.matcher(name);
    if (named.matches() && NAMED_SECTIONS.contains(named.group(1).toLowerCase(Locale.ROOT))) {
      return named.group(1).toLowerCase(Locale.ROOT)
          + "."
          + named.group(2).toLowerCase(Locale.ROOT);
    }
    if (KEYS.containsKey(name.toLowerCase(Locale.ROOT))) {
      return name.toLowerCase(Locale.ROOT);
    }
    throw new DvcFormatException(file, line, "unknown section '" + name + "'");
  }

  static void check(String file, int line, String section, String key, String value)
      throws DvcFormatException {
    Set<String> known = section.startsWith(REMOTE_PREFIX) ? REMOTE_KEYS : KEYS.get(section);
    if (known != null && !known.contains(key)) {
      throw new DvcFormatException(file, line, "unknown key '%s' in [%s]".formatted(key, section));
    }
    if (section.equals("cache") && key.equals("type")) {
      for (String type : value.split(",")) {
        if (!LINK_TYPES.contains(type.strip())) {
          throw new DvcFormatException(
              file, line, "unsupported cache type '" + type.strip() + "' of " + LINK_TYPES);
        }
      }
    }
    String lower = value.toLowerCase(Locale.ROOT);
    if (BOOLEANS.contains(key)
        && !Set.of("true", "false", "yes", "no", "on", "off", "1", "0").contains(lower)) {
      throw new DvcFormatException(file, line, "'%s' must be true or false".formatted(key));
    }
    if (NUMBERS.contains(key) && !value.matches("\\d+(\\.\\d+)?")) {
      throw new DvcFormatException(file, line, "'%s' must be a number".formatted(key));
    }
  }

  /** A value may be in quotes; outside of them a # begins a comment. */
  private static String value(String text) {
    if (text.length() >= 2 && (text.charAt(0) == '"' || text.charAt(0) == '\'')) {
      int end = text.indexOf(text.charAt(0), 1);
      if (end > 0) {
        return text.substring(1, end);
      }
    }
    int comment = text.indexOf(" #");
    return comment < 0 ? text : text.substring(0, comment).strip();
  }

  private static String unquote(String text) {
    boolean quoted =
        text.length() >= 2
            && (text.charAt(0) == '"' || text.charAt(0) == '\'')
            && text.charAt(text.length() - 1) == text.charAt(0);
    return quoted ? text.substring(1, text.length() - 1) : text;
  }
}
