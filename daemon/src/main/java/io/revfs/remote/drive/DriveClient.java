package io.revfs.remote.drive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.drive.Drive;
import com.google.api.services.drive.DriveScopes;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.UserCredentials;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.google.GoogleHttp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Google's client for DVC's options, made at the first request. A person's credentials are what DVC
 * keeps after it has sent that person to the browser; the daemon has none to send anybody to.
 */
final class DriveClient {
  /** Holds credentials in place of a file, as for DVC. */
  private static final String CREDENTIALS = "GDRIVE_CREDENTIALS_DATA";

  /** Another server than Google's: a gateway, or one of tests. */
  private static final String ENDPOINT = "GDRIVE_ENDPOINT_URL";

  private static final List<String> SCOPES = List.of(DriveScopes.DRIVE, DriveScopes.DRIVE_APPDATA);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RemoteSettings settings;
  private final boolean service;
  private final GoogleHttp http;

  @GuardedBy("this")
  private @Nullable Drive drive;

  DriveClient(RemoteSettings settings) throws RemoteConfigurationException {
    this.settings = settings;
    this.service = settings.flag("gdrive_use_service_account", false);
    if (service && configuredFile().isEmpty() && settings.variable(CREDENTIALS).isEmpty()) {
      throw new RemoteConfigurationException(
          settings.name(),
          "a service account needs gdrive_service_account_json_file_path, or " + CREDENTIALS);
    }
    if (settings.option("gdrive_client_id").isPresent()
        != settings.option("gdrive_client_secret").isPresent()) {
      throw new RemoteConfigurationException(
          settings.name(), "gdrive_client_id and gdrive_client_secret belong together");
    }
    this.http = new GoogleHttp(settings);
  }

  synchronized Drive drive() throws IOException {
    Drive known = drive;
    if (known != null) {
      return known;
    }
    Drive made =
        new Drive.Builder(
                http.transport(),
                GsonFactory.getDefaultInstance(),
                http.initializer(new HttpCredentialsAdapter(credentials())))
            .setRootUrl(GoogleHttp.root(settings.variable(ENDPOINT).orElse(Drive.DEFAULT_ROOT_URL)))
            .setApplicationName("revfs")
            .build();
    drive = made;
    return made;
  }

  private GoogleCredentials credentials() throws IOException {
    String text = text();
    try {
      return service ? serviceAccount(text) : person(JSON.readTree(text));
    } catch (IOException | RuntimeException e) {
      // Not with the parser's message, which shows what it has read.
      throw unreachable("the credentials cannot be read: they are no JSON as Google writes it", e);
    }
  }

  /** The file that is configured counts first, then the variable, then what DVC keeps. */
  private String text() throws IOException {
    Optional<String> data = settings.variable(CREDENTIALS);
    Optional<Path> file = configuredFile();
    if (file.isEmpty() && data.isPresent()) {
      return data.get();
    }
    Path found =
        file.or(this::lastLogin)
            .orElseThrow(
                () ->
                    unreachable(
                        "no credentials: log in with DVC once, on any machine, and name the file"
                            + " in gdrive_user_credentials_file, or use a service account",
                        null));
    try {
      return Files.readString(found);
    } catch (IOException e) {
      throw unreachable("the credentials in " + found + " cannot be read", e);
    }
  }

  private Optional<Path> configuredFile() {
    return settings
        .option(service ? "gdrive_service_account_json_file_path" : "gdrive_user_credentials_file")
        .map(Path::of);
  }

  /** Returns where DVC keeps what a login gave: one directory for each application. */
  private Optional<Path> lastLogin() {
    Path logins =
        settings
            .variable("XDG_CACHE_HOME")
            .map(Path::of)
            .orElse(settings.home().resolve(".cache"))
            .resolve("pydrive2fs");
    String file = settings.option("profile").orElse("default") + ".json";
    Optional<String> client = settings.option("gdrive_client_id");
    if (client.isPresent()) {
      return Optional.of(logins.resolve(client.get()).resolve(file)).filter(Files::exists);
    }
    try (var applications = Files.list(logins)) {
      return applications.map(one -> one.resolve(file)).filter(Files::exists).sorted().findFirst();
    } catch (IOException e) {
      return Optional.empty(); // nobody has logged in
    }
  }

  private GoogleCredentials serviceAccount(String text) throws IOException {
    GoogleCredentials account =
        GoogleCredentials.fromStream(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
            .createScoped(SCOPES);
    Optional<String> person = settings.option("gdrive_service_account_user_email");
    return person.isPresent() ? account.createDelegated(person.get()) : account;
  }

  private GoogleCredentials person(JsonNode login) {
    UserCredentials.Builder builder =
        UserCredentials.newBuilder()
            .setClientId(settings.option("gdrive_client_id").orElse(text(login, "client_id")))
            .setClientSecret(
                settings.option("gdrive_client_secret").orElse(text(login, "client_secret")))
            .setRefreshToken(text(login, "refresh_token"));
    if (login.hasNonNull("token_uri")) {
      builder.setTokenServerUri(URI.create(text(login, "token_uri")));
    }
    return builder.build();
  }

  private static String text(JsonNode login, String key) {
    if (!login.hasNonNull(key)) {
      throw new IllegalArgumentException("no " + key);
    }
    return login.get(key).asText();
  }

  private SourceUnreachableException unreachable(String why, @Nullable Exception cause) {
    return new SourceUnreachableException(settings.describe(), why, false, cause);
  }

  void close() {
    http.close();
  }
}
