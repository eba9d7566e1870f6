package io.revfs.remote.azure;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockBlobItem;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.FilePart;
import io.revfs.remote.parts.PartQueue;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes to Azure. Small blobs go in one request. Large ones go as blocks, several at once, and are
 * seen when their list is committed; a block's name is its number and the MD5 of its bytes, so
 * blocks that an earlier try left are recognised. Those that nobody commits the store drops after a
 * week.
 */
final class AzureUploads {
  private static final long BLOCK_BYTES = 8L << 20;
  private static final long SINGLE_BYTES = 32L << 20;
  private static final int MOST_BLOCKS = 45_000; // Azure allows 50,000
  private static final int NOT_FOUND = 404;

  private final int blocksAtOnce;

  AzureUploads(int blocksAtOnce) {
    this.blocksAtOnce = blocksAtOnce;
  }

  RemoteObject store(BlockBlobClient blob, String path, Upload upload) throws IOException {
    BlockBlobItem stored =
        upload.size() <= SINGLE_BYTES ? single(blob, upload) : blocks(blob, upload);
    upload.sent().accept(upload.size());
    return new RemoteObject(
        path,
        upload.size(),
        Optional.ofNullable(stored.getETag()).map(RemoteObject::unquoted),
        Optional.ofNullable(stored.getVersionId()));
  }

  private static BlockBlobItem single(BlockBlobClient blob, Upload upload) throws IOException {
    byte[] bytes = Files.readAllBytes(upload.content());
    return blob.uploadWithResponse(
            new BlockBlobSimpleUploadOptions(BinaryData.fromBytes(bytes)), null, Context.NONE)
        .getValue();
  }

  private BlockBlobItem blocks(BlockBlobClient blob, Upload upload) throws IOException {
    long length = FilePart.length(upload.size(), BLOCK_BYTES, MOST_BLOCKS);
    List<FilePart> parts = FilePart.of(upload.content(), upload.size(), length);
    Map<Integer, String> names = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (FilePart part : parts) {
      String name = "%06d-%s".formatted(part.number(), part.md5());
      String encoded = Base64.getEncoder().encodeToString(name.getBytes(StandardCharsets.US_ASCII));
      names.put(part.number(), encoded);
      order.add(encoded);
    }
    Set<String> there = uncommitted(blob);
    PartQueue.run(
        parts,
        part -> there.contains(names.get(part.number())),
        blocksAtOnce,
        upload.sent(),
        part -> blob.stageBlock(names.get(part.number()), read(part)));
    return blob.commitBlockListWithResponse(
            new BlockBlobCommitBlockListOptions(order), null, Context.NONE)
        .getValue();
  }

  private static BinaryData read(FilePart part) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.length()));
    try (FileChannel file = FileChannel.open(part.file(), StandardOpenOption.READ)) {
      while (bytes.hasRemaining()) {
        if (file.read(bytes, part.offset() + bytes.position()) < 0) {
          throw new EOFException(part.file() + " became shorter while it is uploaded");
        }
      }
    }
    return BinaryData.fromBytes(bytes.array());
  }

  private static Set<String> uncommitted(BlockBlobClient blob) {
    Set<String> names = new HashSet<>();
    try {
      for (Block block : blob.listBlocks(BlockListType.UNCOMMITTED).getUncommittedBlocks()) {
        names.add(block.getName());
      }
    } catch (BlobStorageException e) {
      if (e.getStatusCode() != NOT_FOUND) {
        throw e;
      }
    }
    return names;
  }
}
