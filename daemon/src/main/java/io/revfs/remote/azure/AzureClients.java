package io.revfs.remote.azure;

import com.azure.core.credential.AzureSasCredential;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.identity.AzureCliCredentialBuilder;
import com.azure.identity.ChainedTokenCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.EnvironmentCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.util.Optional;

/**
 * Azure's client for DVC's options: a connection string, or an account with its key, a signature, a
 * service principal, or what the environment, the machine or {@code az login} gives.
 */
final class AzureClients {
  private AzureClients() {}

  static BlobContainerClient open(RemoteSettings settings, String container)
      throws RemoteConfigurationException {
    HttpClient http =
        new JdkHttpClientBuilder()
            .connectionTimeout(
                settings.seconds("connection_timeout", settings.limits().connectTimeout()))
            .readTimeout(settings.seconds("read_timeout", settings.limits().readTimeout()))
            .responseTimeout(settings.seconds("read_timeout", settings.limits().readTimeout()))
            .build();
    BlobContainerClientBuilder builder =
        new BlobContainerClientBuilder()
            .httpClient(http)
            .containerName(container)
            // Retries are RetryingRemote's.
            .retryOptions(
                new RequestRetryOptions(
                    RetryPolicyType.FIXED, 1, (Integer) null, null, null, null));
    try {
      Optional<String> connection =
          settings
              .option("connection_string")
              .or(() -> settings.variable("AZURE_STORAGE_CONNECTION_STRING"));
      if (connection.isPresent()) {
        return builder.connectionString(connection.get()).buildClient();
      }
      String account =
          settings
              .option("account_name")
              .or(() -> settings.variable("AZURE_STORAGE_ACCOUNT"))
              .orElseThrow(
                  () ->
                      new RemoteConfigurationException(
                          settings.name(),
                          "an azure remote needs account_name or connection_string"));
      builder.endpoint("https://" + account + ".blob.core.windows.net");
      login(settings, account, builder);
      return builder.buildClient();
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(settings.name(), Redaction.message(e), e);
    }
  }

  private static void login(
      RemoteSettings settings, String account, BlobContainerClientBuilder builder) {
    Optional<String> key =
        settings.option("account_key").or(() -> settings.variable("AZURE_STORAGE_KEY"));
    Optional<String> sas =
        settings.option("sas_token").or(() -> settings.variable("AZURE_STORAGE_SAS_TOKEN"));
    if (settings.flag("allow_anonymous_login", false)) {
      return;
    }
    if (key.isPresent()) {
      builder.credential(new StorageSharedKeyCredential(account, key.get()));
    } else if (sas.isPresent()) {
      builder.credential(new AzureSasCredential(sas.get()));
    } else {
      builder.credential(token(settings));
    }
  }

  @SuppressWarnings("deprecation") // of the shared cache: DVC still looks there
  private static TokenCredential token(RemoteSettings settings) {
    Optional<String> tenant = settings.option("tenant_id");
    Optional<String> client = settings.option("client_id");
    Optional<String> secret = settings.option("client_secret");
    if (tenant.isPresent() && client.isPresent() && secret.isPresent()) {
      return new ClientSecretCredentialBuilder()
          .tenantId(tenant.get())
          .clientId(client.get())
          .clientSecret(secret.get())
          .build();
    }
    ChainedTokenCredentialBuilder chain = new ChainedTokenCredentialBuilder();
    if (!settings.flag("exclude_environment_credential", false)) {
      chain.addLast(new EnvironmentCredentialBuilder().build());
    }
    if (!settings.flag("exclude_managed_identity_credential", false)) {
      ManagedIdentityCredentialBuilder managed = new ManagedIdentityCredentialBuilder();
      client.ifPresent(managed::clientId);
      chain.addLast(managed.build());
    }
    if (!settings.flag("exclude_shared_token_cache_credential", false)) {
      chain.addLast(sharedTokens(tenant));
    }
    return chain.addLast(new AzureCliCredentialBuilder().build()).build();
  }

  @SuppressWarnings("deprecation") // an option of DVC's asks for it
  private static com.azure.core.credential.TokenCredential sharedTokens(Optional<String> tenant) {
    var shared = new com.azure.identity.SharedTokenCacheCredentialBuilder();
    tenant.ifPresent(shared::tenantId);
    return shared.build();
  }
}
