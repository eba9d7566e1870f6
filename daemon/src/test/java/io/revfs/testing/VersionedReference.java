package io.revfs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.fuse.Shell;
import io.revfs.testing.server.RadosGateway;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/**
 * The reference repository whose data is on a store that keeps versions, with every version of
 * every object in a real server. Its version ids are its own, so the commits are written anew with
 * them.
 *
 * @param commits what the commits are now, by what they were
 */
public record VersionedReference(
    ReferenceRepository reference, RadosGateway server, Map<String, String> commits)
    implements Closeable {
  /** Starts the server and fills it. */
  public static VersionedReference start(Path directory) throws IOException {
    ReferenceRepository reference = ReferenceRepository.unpack("10-cloud-versioned", directory);
    RadosGateway server = RadosGateway.start(Files.createDirectories(directory.resolve("server")));
    try {
      StringBuilder rename = new StringBuilder();
      try (S3AsyncClient s3 = server.client()) {
        for (Map.Entry<String, JsonNode> bucket :
            reference.expected().get("buckets").properties()) {
          upload(s3, bucket.getKey(), bucket.getValue(), rename);
        }
      }
      Files.writeString(directory.resolve("rename.sed"), rename);
      Path repo = reference.repo();
      StringBuilder local = new StringBuilder();
      for (String remote : List.of("versioned", "tree", "plain", "src")) {
        local.append(
            "['remote \"%s\"']\n    endpointurl = %s\n".formatted(remote, server.endpoint())
                + "    access_key_id = testkey\n    secret_access_key = testsecret\n");
      }
      Files.writeString(repo.resolve(".dvc/config.local"), local);
      return new VersionedReference(
          reference, server, rewritten(repo, directory.resolve("rename.sed")));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static Map<String, String> rewritten(Path repo, Path rename) throws IOException {
    String before = git(repo, "git rev-list --all --date-order");
    String unused =
        git(
            repo,
            "git stash list; FILTER_BRANCH_SQUELCH_WARNING=1 git filter-branch -f --tree-filter "
                + "'for f in $(ls *.dvc dvc.lock 2>/dev/null); do sed -i -f %s $f; done' -- --all"
                    .formatted(rename));
    Map<String, String> commits = new TreeMap<>();
    for (String commit : before.split("\\s+")) {
      commits.put(commit, commit);
    }
    String names = git(repo, "git for-each-ref --format='%(refname)' refs/original");
    for (String name : names.split("\\s+")) {
      String now = name.substring("refs/original/".length());
      String[] old = git(repo, "git rev-list " + name).split("\\s+");
      String[] fresh = git(repo, "git rev-list " + now).split("\\s+");
      if (old.length != fresh.length) {
        throw new IOException("commits were lost");
      }
      for (int i = 0; i < old.length; i++) {
        commits.put(old[i], fresh[i]);
      }
    }
    return commits;
  }

  private static void upload(
      S3AsyncClient s3, String bucket, JsonNode objects, StringBuilder rename) {
    s3.createBucket(b -> b.bucket(bucket)).join();
    List<JsonNode> versions = new ArrayList<>();
    objects.forEach(versions::add);
    if (versions.stream().anyMatch(o -> !o.get("version_id").asText().equals("null"))) {
      s3.putBucketVersioning(
              b ->
                  b.bucket(bucket)
                      .versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)))
          .join();
    }
    versions.sort(Comparator.comparing(o -> o.get("is_latest").asBoolean()));
    for (JsonNode object : versions) {
      if (!object.path("delete_marker").asBoolean()) {
        byte[] content = Base64.getDecoder().decode(object.get("content_base64").asText());
        String version = put(s3, bucket, object.get("key").asText(), content);
        if (version != null) {
          rename.append(
              "s#version_id: %s#version_id: %s#\n"
                  .formatted(object.get("version_id").asText(), version));
        }
      } else if (object.path("is_latest").asBoolean()) {
        s3.deleteObject(b -> b.bucket(bucket).key(object.get("key").asText())).join();
      }
    }
  }

  private static @org.jspecify.annotations.Nullable String put(
      S3AsyncClient s3, String bucket, String key, byte[] content) {
    return s3.putObject(b -> b.bucket(bucket).key(key), AsyncRequestBody.fromBytes(content))
        .join()
        .versionId();
  }

  /** Stores another version of an object. */
  public void put(String bucket, String key, String content) {
    try (S3AsyncClient s3 = server.client()) {
      var unused = put(s3, bucket, key, content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private static String git(Path repo, String script) throws IOException {
    Shell.Result result = Shell.run(repo, script);
    if (result.exit() != 0) {
      throw new IOException(result.output());
    }
    return result.output().strip();
  }

  @Override
  public void close() {
    server.close();
  }
}
