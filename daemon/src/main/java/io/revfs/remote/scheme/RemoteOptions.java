package io.revfs.remote.scheme;

import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which options each kind of remote has, as DVC's schema does. */
final class RemoteOptions {
  private static final Set<String> COMMON =
      words("url jobs checksum_jobs worktree version_aware verify no_traverse");

  private static final Map<String, Set<String>> BY_KIND =
      Map.ofEntries(
          Map.entry("", words("type shared slow_link_warning")),
          Map.entry("file", words("type shared slow_link_warning")),
          Map.entry(
              "s3",
              words(
                  "region profile credentialpath configpath endpointurl access_key_id"
                      + " secret_access_key session_token use_ssl allow_anonymous_login ssl_verify"
                      + " sse sse_kms_key_id sse_customer_algorithm sse_customer_key acl grant_read"
                      + " grant_read_acp grant_write_acp grant_full_control cache_regions"
                      + " read_timeout connect_timeout listobjects")),
          Map.entry("gs", words("projectname credentialpath endpointurl allow_anonymous_login")),
          Map.entry(
              "azure",
              words(
                  "connection_string sas_token account_name account_key tenant_id client_id"
                      + " client_secret allow_anonymous_login exclude_environment_credential"
                      + " exclude_visual_studio_code_credential"
                      + " exclude_shared_token_cache_credential exclude_managed_identity_credential"
                      + " timeout read_timeout connection_timeout")),
          Map.entry("oss", words("oss_key_id oss_key_secret oss_endpoint")),
          Map.entry(
              "gdrive",
              words(
                  "profile gdrive_use_service_account gdrive_client_id gdrive_client_secret"
                      + " gdrive_user_credentials_file gdrive_service_account_user_email"
                      + " gdrive_service_account_json_file_path gdrive_trash_only"
                      + " gdrive_acknowledge_abuse")),
          Map.entry("ssh", ssh()),
          Map.entry("sftp", ssh()),
          Map.entry("hdfs", words("user kerb_ticket replication")),
          Map.entry(
              "webhdfs",
              words(
                  "user password token kerberos kerberos_principal proxy_to ssl_verify use_https"
                      + " data_proxy_target")),
          Map.entry("http", http()),
          Map.entry("https", http()),
          Map.entry("webdav", webdav()),
          Map.entry("webdavs", webdav()));

  private RemoteOptions() {}

  private static Set<String> words(String text) {
    return Arrays.stream(text.split(" ")).collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> ssh() {
    return words(
        "port user password ask_password passphrase ask_passphrase keyfile timeout gss_auth"
            + " allow_agent max_sessions type");
  }

  private static Set<String> http() {
    return words(
        "auth custom_auth_header user password ask_password ssl_verify method connect_timeout"
            + " read_timeout");
  }

  private static Set<String> webdav() {
    return words(
        "user password ask_password token bearer_token_command custom_auth_header cert_path"
            + " key_path timeout ssl_verify");
  }

  /** Refuses an option that the kind does not have, and those that need a terminal. */
  static void check(String scheme, RemoteSettings settings) throws RemoteConfigurationException {
    Set<String> known = BY_KIND.get(scheme);
    if (known == null) {
      throw new RemoteConfigurationException(
          settings.name(),
          "URLs like %s are not supported; %s are"
              .formatted(Redaction.url(settings.url()), kinds()));
    }
    for (String option : settings.options().keySet()) {
      if (!known.contains(option) && !COMMON.contains(option)) {
        throw new RemoteConfigurationException(
            settings.name(),
            "unknown option '%s' for a remote of this kind; it has %s"
                .formatted(option, String.join(", ", new TreeSet<>(known))));
      }
    }
    askedFor(settings, "ask_password", "password");
    askedFor(settings, "ask_passphrase", "passphrase");
  }

  /** The daemon that connects has no terminal. */
  private static void askedFor(RemoteSettings settings, String ask, String instead)
      throws RemoteConfigurationException {
    if (settings.flag(ask, false) && settings.option(instead).isEmpty()) {
      throw new RemoteConfigurationException(
          settings.name(),
          "'%s' cannot be honoured, since the daemon has no terminal; store it with 'remote modify"
                  .formatted(ask)
              + " --local %s %s VALUE'".formatted(settings.name(), instead));
    }
  }

  private static String kinds() {
    return BY_KIND.keySet().stream()
        .map(kind -> kind.isEmpty() ? "paths" : kind + "://")
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
