package io.revfs.remote.gcs;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.StorageScopes;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.google.GoogleHttp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Google's client for DVC's options, made at the first request: only then is it looked for
 * credentials, which may ask the machine's metadata service.
 */
final class GcsClient {
  private static final String ENDPOINT = "https://storage.googleapis.com/";

  private final RemoteSettings settings;
  private final GoogleHttp http;

  @GuardedBy("this")
  private @Nullable Storage storage;

  GcsClient(RemoteSettings settings) throws RemoteConfigurationException {
    this.settings = settings;
    Optional<String> file = settings.option("credentialpath");
    if (file.isPresent() && !Files.isReadable(Path.of(file.get()))) {
      throw new RemoteConfigurationException(
          settings.name(), "the credentialpath " + file.get() + " cannot be read");
    }
    this.http = new GoogleHttp(settings);
  }

  synchronized Storage storage() throws IOException {
    Storage known = storage;
    if (known != null) {
      return known;
    }
    Storage made =
        new Storage.Builder(
                http.transport(), GsonFactory.getDefaultInstance(), http.initializer(credentials()))
            .setRootUrl(root())
            .setApplicationName("revfs")
            .build();
    storage = made;
    return made;
  }

  private String root() {
    return GoogleHttp.root(
        settings
            .option("endpointurl")
            .or(() -> settings.variable("STORAGE_EMULATOR_HOST"))
            .orElse(ENDPOINT));
  }

  private HttpRequestInitializer credentials() throws IOException {
    if (settings.flag("allow_anonymous_login", false)) {
      return request -> {};
    }
    Optional<String> file =
        settings
            .option("credentialpath")
            .or(() -> settings.variable("GOOGLE_APPLICATION_CREDENTIALS"));
    try {
      GoogleCredentials found;
      if (file.isPresent()) {
        try (InputStream in = Files.newInputStream(Path.of(file.get()))) {
          found = GoogleCredentials.fromStream(in);
        }
      } else {
        found = GoogleCredentials.getApplicationDefault();
      }
      return new HttpCredentialsAdapter(
          found.createScoped(List.of(StorageScopes.DEVSTORAGE_FULL_CONTROL)));
    } catch (IOException | RuntimeException e) {
      throw new SourceUnreachableException(
          settings.describe(),
          "no credentials: set credentialpath, or GOOGLE_APPLICATION_CREDENTIALS, or"
              + " allow_anonymous_login ("
              + Redaction.message(e)
              + ")",
          false,
          e);
    }
  }

  void close() {
    http.close();
  }
}
