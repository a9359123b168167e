package io.lorashear.checkpoint.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Several safetensors files under one {@code model.safetensors.index.json}. */
public final class ShardedTensors implements TensorSource {
  private static final Pattern NAME = Pattern.compile("[^/\\\\\\x00]+");

  private final Map<Path, Safetensors> shards = new LinkedHashMap<>();
  private final Map<String, Safetensors> shardOf = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private ShardedTensors() {}

  /**
   * Opens every file that the index names.
   *
   * @throws InputException if a file is missing, is not in the folder of the index, or lacks its
   *     tensor
   */
  public static ShardedTensors open(Path index) {
    var weightMap = JsonFile.read(index).path("weight_map");
    if (!weightMap.isObject()) {
      throw new InputException("%s has no weight_map: it does not say where tensors are", index);
    }
    var sharded = new ShardedTensors();
    try {
      for (var names = weightMap.fieldNames(); names.hasNext(); ) {
        var name = names.next();
        sharded.add(index, name, shardPath(index, name, weightMap.path(name)));
      }
      return sharded;
    } catch (RuntimeException e) {
      sharded.close();
      throw e;
    }
  }

  /** The path of a shard, which must be a file name: shards are in the folder of the index. */
  private static Path shardPath(Path index, String name, JsonNode value) {
    var text = value.asText();
    if (!value.isTextual() || text.isEmpty() || !isName(text)) {
      throw new InputException(
          "%s puts the tensor %s into %s, which is not a file beside it: refused",
          index, name, value);
    }
    return index.resolveSibling(text);
  }

  private static boolean isName(String text) {
    return !text.equals(".") && !text.equals("..") && NAME.matcher(text).matches();
  }

  private void add(Path index, String name, Path path) {
    var shard = shards.computeIfAbsent(path, Safetensors::open);
    var info = shard.tensors().get(name);
    if (info == null) {
      throw new InputException("%s puts the tensor %s into %s, which lacks it", index, name, path);
    }
    shardOf.put(name, shard);
    tensors.put(name, info);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    tensor(name);
    Objects.requireNonNull(shardOf.get(name)).read(name, byteOffset, target);
  }

  @Override
  public void close() {
    shards.values().forEach(Safetensors::close);
  }
}
