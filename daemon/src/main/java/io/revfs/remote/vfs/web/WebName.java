package io.revfs.remote.vfs.web;

import java.nio.charset.StandardCharsets;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileSystemException;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.GenericURLFileName;
import org.jspecify.annotations.Nullable;

/**
 * A name whose URL has every character encoded that is not plain. VFS leaves those that a path may
 * hold, among them {@code +}, which S3's and other servers take for a space.
 */
final class WebName extends GenericURLFileName {
  private WebName(GenericURLFileName other, String path, FileType type) {
    super(
        other.getScheme(),
        other.getHostName(),
        other.getPort(),
        other.getDefaultPort(),
        null,
        null,
        path,
        type,
        null);
  }

  static WebName of(GenericURLFileName parsed) {
    return parsed instanceof WebName name
        ? name
        : new WebName(parsed, parsed.getPath(), parsed.getType());
  }

  @Override
  public FileName createName(String path, FileType type) {
    return new WebName(this, path, type);
  }

  @Override
  public String getPathQueryEncoded(@Nullable String charset) throws FileSystemException {
    StringBuilder text = new StringBuilder();
    for (byte b : getPathDecoded().getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~/".indexOf(c) >= 0;
      text.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return text.toString();
  }
}
